package io.crirouter.testkit;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.RpcException;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.RuntimeConfig;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A container runtime in memory, for tests. It implements all of CRI v1 with state, behaves mostly
 * like containerd 2 where runtimes differ, keeps a {@linkplain #journal journal} of its calls and
 * injects faults on demand.
 *
 * <pre>{@code
 * FakeRuntime runtime = FakeRuntime.named("containerd").images("busybox").build();
 * try (CriClient client = CriClient.of(runtime)) {
 *   client.runtime().runPodSandbox(request);
 *   assertThat(runtime.pods()).hasSize(1);
 *   runtime.failNext("StopPodSandbox", RpcStatus.of(Code.INTERNAL, "disk full"));
 * }
 * }</pre>
 *
 * <p>No process runs: a container is a state, an image a name, and a stream url has no server.
 * Responses are sent on the thread of the caller or of the scheduler. The fake has rpcs and fields
 * that some real runtimes lack; with {@link FakeRuntimeBuilder#like} it answers like a certain
 * runtime. Other differences from containerd: lists of images honour their filter; each event
 * subscriber gets every event after its subscription; an exact id is found even if it is a prefix
 * of another id; pulls always succeed, and the same name yields the same image.
 *
 * <p>May be used from any thread.
 */
public final class FakeRuntime extends TestRuntime {
  private final FakeServices services;
  private final FakeState state;

  FakeRuntime(FakeRuntimeBuilder from) {
    this(from, new FakeServices(from));
  }

  private FakeRuntime(FakeRuntimeBuilder from, FakeServices services) {
    super(from.name, services.backend, from.scheduler);
    this.services = services;
    state = services.state;
    from.images.forEach(this::pullImage);
  }

  /** A runtime called {@code name} with nothing in it, in real time. */
  public static FakeRuntime create(String name) {
    return named(name).build();
  }

  /** A builder of a runtime that reports the name {@code name}. */
  public static FakeRuntimeBuilder named(String name) {
    return new FakeRuntimeBuilder(name);
  }

  /** A builder of a runtime that answers like {@link RealRuntime#CONTAINERD_1_6}. */
  public static FakeRuntimeBuilder containerd1_6() {
    return named("containerd").like(RealRuntime.CONTAINERD_1_6);
  }

  /** A builder of a runtime that answers like {@link RealRuntime#CONTAINERD_2_1}. */
  public static FakeRuntimeBuilder containerd2_1() {
    return named("containerd").like(RealRuntime.CONTAINERD_2_1);
  }

  /** All sandboxes, as a list without filter shows them. */
  public List<PodSandbox> pods() {
    return state.change(() -> state.pods().stream().map(FakePod::listed).toList());
  }

  /** All containers, as a list without filter shows them. */
  public List<Container> containers() {
    return state.change(() -> state.containers().stream().map(FakeContainer::listed).toList());
  }

  /** All images. */
  public List<Image> images() {
    return state.change(() -> state.images.all().stream().map(FakeImage::image).toList());
  }

  /** The last UpdateRuntimeConfig; empty if there was none. */
  public Optional<RuntimeConfig> runtimeConfig() {
    return state.change(services.node::config);
  }

  /** The paths that checkpoints of pods and containers were written to. */
  public Set<String> checkpoints() {
    return state.change(services.checkpoints::paths);
  }

  /** The number of clients that are subscribed to events. */
  public int eventSubscribers() {
    return state.events.subscribers();
  }

  /** The number of events that were dropped because a subscriber read too slowly. */
  public long droppedEvents() {
    return state.events.dropped();
  }

  /**
   * Ends the process of a running container with {@code exitCode}.
   *
   * @throws IllegalArgumentException if no running container has this id
   */
  public void killContainer(String containerId, int exitCode) {
    killContainer(containerId, exitCode, "");
  }

  /**
   * Ends the process of a running container with {@code exitCode} and {@code reason}, for example
   * {@code OOMKilled}.
   *
   * @throws IllegalArgumentException if no running container has this id
   */
  public void killContainer(String containerId, int exitCode, String reason) {
    mutate(
        () -> {
          state.exit(state.runningContainer(containerId), exitCode, reason);
          return containerId;
        });
  }

  /**
   * Stops a sandbox as if it failed: it is not ready any more, and its containers are killed.
   *
   * @throws IllegalArgumentException if no sandbox has this id
   */
  public void killPod(String podSandboxId) {
    mutate(
        () -> {
          state.stop(state.pod(podSandboxId));
          return podSandboxId;
        });
  }

  /**
   * Pulls an image without a call.
   *
   * @throws IllegalArgumentException if {@code image} is not the name of an image
   */
  @CanIgnoreReturnValue
  public Image pullImage(String image) {
    return mutate(() -> services.images.pull(image)).image();
  }

  /**
   * Adds an image as given, for example with a user, pinned, or with an id that a pull would not
   * give it. Its tags are taken from other images.
   */
  public void putImage(Image image) {
    requireNonNull(image, "image");
    mutate(() -> state.images.put(new FakeImage(image)));
  }

  /** Sets a condition of Status, for example {@code RuntimeReady} or {@code NetworkReady}. */
  public void setCondition(RuntimeCondition condition) {
    requireNonNull(condition, "condition");
    state.change(
        () -> {
          services.node.put(condition);
          return condition;
        });
  }

  /**
   * Sets the result of ExecSync commands. By default {@code echo}, {@code true}, {@code false},
   * {@code sleep SECONDS} and {@code sh -c "exit CODE"} work and others end with 127.
   *
   * @param script must not block
   */
  public void onExecSync(Function<ExecSyncRequest, ExecResult> script) {
    services.exec.setScript(requireNonNull(script, "script"));
  }

  /** Whether events are discarded. An event that was discarded is not delivered later. */
  public void loseEvents(boolean lose) {
    state.events.mute(lose);
  }

  @CanIgnoreReturnValue
  private <T> T mutate(FakeState.Change<T, RpcException> change) {
    try {
      return state.change(change);
    } catch (RpcException e) {
      throw new IllegalArgumentException(name() + ": " + e.getMessage(), e);
    }
  }
}
