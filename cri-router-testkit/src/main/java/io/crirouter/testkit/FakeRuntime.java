package io.crirouter.testkit;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.TypedBackend;
import io.crirouter.grpc.CriServer;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.RuntimeConfig;
import io.crirouter.proto.v1.RuntimeHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A container runtime in memory, for tests: it has all of CRI v1 with the state behind it, behaves
 * like containerd 2 where runtimes differ, keeps a {@linkplain #journal journal} of its calls and
 * misbehaves when told to.
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
 * <p>Nothing runs: a container is a state, an image a name, a stream url leads nowhere. Answers are
 * given on the thread that brings the call, or on that of the scheduler. Other differences from
 * containerd: lists of images honour their filter; every event subscriber hears every event from
 * its subscription on; an id that is another one's beginning is found by itself; checkpoints of
 * pods exist; pulls always succeed, and of the same name with the same image.
 *
 * <p>May be used from any thread.
 */
public final class FakeRuntime implements RuntimeBackend {
  /** As many events as containerd 1.7 keeps for a slow subscriber. */
  private static final int BUFFERED_MESSAGES = 1000;

  private final String name;
  private final FakeState state;
  private final NodeCalls nodeCalls;
  private final ImageCalls imageCalls;
  private final ExecCalls execCalls;
  private final CheckpointCalls checkpointCalls;
  private final Faults faults;
  private final CallJournal journal;
  private final RuntimeBackend edge;

  FakeRuntime(FakeRuntimeBuilder from) {
    name = from.name;
    Instant startsAt = from.startsAt == null ? Instant.now() : from.startsAt;
    Set<String> handlers =
        from.handlers.stream().map(RuntimeHandler::getName).collect(Collectors.toSet());
    state = new FakeState(handlers, from.ids, from.scheduler, startsAt);
    nodeCalls =
        new NodeCalls(
            name, from.version, List.copyOf(from.handlers), from.features, from.cgroupDriver);
    imageCalls = new ImageCalls(state, from.imageFilesystem, from.containerFilesystem);
    execCalls = new ExecCalls(state, from.scheduler, from.streamUrlPrefix, from.execSync);
    ContainerCalls containerCalls = new ContainerCalls(state);
    checkpointCalls = new CheckpointCalls(state, containerCalls);

    TypedBackend.Builder typed =
        TypedBackend.builder()
            .direct()
            .bufferedMessages(BUFFERED_MESSAGES)
            .address("fake runtime " + name);
    Rpcs rpcs = new Rpcs(typed, state, Set.copyOf(from.without), from.chunkSize);
    nodeCalls.register(rpcs);
    new PodCalls(state, !from.without.contains("GetContainerEvents")).register(rpcs);
    containerCalls.register(rpcs);
    execCalls.register(rpcs);
    imageCalls.register(rpcs);
    new StatsCalls(state, from.containerFilesystem).register(rpcs);
    new MetricCalls(state, from.metricLabelKeys, from.metricIdLabel).register(rpcs);
    checkpointCalls.register(rpcs);

    faults = new Faults(typed.build(), from.scheduler);
    journal = new CallJournal(name);
    edge = journal.recording(faults);
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

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    return edge.start(request, listener);
  }

  @Override
  public String address() {
    return edge.address();
  }

  @Override
  public void onReachabilityChange(Runnable listener) {
    edge.onReachabilityChange(listener);
  }

  /**
   * Serves this runtime on a UNIX socket, as a runtime of its own would be.
   *
   * @param socket where to listen; its folder must exist
   * @return the server, which the caller closes
   * @throws IOException if the socket cannot be had
   */
  public CriServer serve(Path socket) throws IOException {
    return CriServer.builder(this).socket(socket).start();
  }

  /** Every call that arrived, in order. */
  public CallJournal journal() {
    return journal;
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
    return state.change(nodeCalls::config);
  }

  /** The paths that checkpoints of pods and containers were written to. */
  public Set<String> checkpoints() {
    return state.change(checkpointCalls::paths);
  }

  /** How many clients listen to events now. */
  public int eventSubscribers() {
    return state.events.subscribers();
  }

  /** How many events were lost because a subscriber read too slowly. */
  public long droppedEvents() {
    return state.events.dropped();
  }

  /**
   * Lets the process of a running container end by itself.
   *
   * @throws IllegalArgumentException if no running container has this id
   */
  public void killContainer(String containerId, int exitCode) {
    killContainer(containerId, exitCode, "");
  }

  /**
   * Lets the process of a running container end for {@code reason}, {@code OOMKilled} say.
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
   * Lets a sandbox fail: it is not ready any more, and its containers are killed.
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
  public Image pullImage(String image) {
    return mutate(() -> imageCalls.pull(image)).image();
  }

  /**
   * Adds an image of the test's own making: with a user, pinned, or with an id that a pull would
   * not give it. Its names stand for it from now on.
   */
  public void putImage(Image image) {
    requireNonNull(image, "image");
    mutate(() -> state.images.put(new FakeImage(image)));
  }

  /** Sets a condition of Status, {@code RuntimeReady} and {@code NetworkReady} among others. */
  public void setCondition(RuntimeCondition condition) {
    requireNonNull(condition, "condition");
    state.change(
        () -> {
          nodeCalls.put(condition);
          return condition;
        });
  }

  /**
   * What commands in containers do. By default {@code echo}, {@code true}, {@code false}, {@code
   * sleep SECONDS} and {@code sh -c "exit CODE"} work and others end with 127.
   *
   * @param script must not block
   */
  public void onExecSync(Function<ExecSyncRequest, ExecResult> script) {
    execCalls.setScript(requireNonNull(script, "script"));
  }

  /** Whether events are lost before anybody hears them. What changes meanwhile is never told. */
  public void loseEvents(boolean lose) {
    state.events.mute(lose);
  }

  private <T> T mutate(FakeState.Change<T, RpcException> change) {
    try {
      return state.change(change);
    } catch (RpcException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  /**
   * The next call of {@code rpc} is not carried out and ends with {@code status}. May be said
   * several times, for as many calls.
   *
   * @throws IllegalArgumentException if there is no such rpc, or if the status is OK
   */
  public void failNext(String rpc, RpcStatus status) {
    faults.failNext(CriMethod.of(rpc), asAnswer(status));
  }

  /** A shorter {@link #failNext(String, RpcStatus)}: the runtime answers this code and message. */
  public void failNext(String rpc, RpcStatus.Code code, String message) {
    failNext(rpc, RpcStatus.of(code, message));
  }

  /** Calls of {@code rpc} are not carried out and end with {@code status}, until {@link #heal}. */
  public void failAlways(String rpc, RpcStatus status) {
    faults.failAlways(CriMethod.of(rpc), asAnswer(status));
  }

  private static RpcStatus asAnswer(RpcStatus status) {
    return status.origin() == RpcStatus.Origin.ROUTER
        ? new RpcStatus(
            status.code(), status.message(), status.trailers(), RpcStatus.Origin.RUNTIME)
        : status;
  }

  /** The next call of {@code rpc} is not carried out and is answered with these bytes. */
  public void respondWithBytes(String rpc, ByteString response) {
    faults.answerNext(CriMethod.of(rpc), response);
  }

  /** The next call of {@code rpc} is carried out, but its answer is lost: UNREACHABLE. */
  public void loseNextAnswer(String rpc) {
    faults.loseNextAnswer(CriMethod.of(rpc));
  }

  /** Calls of {@code rpc} are carried out at once and answered {@code delay} later. */
  public void delay(String rpc, Duration delay) {
    faults.delay(CriMethod.of(rpc), delay);
  }

  /**
   * Answers of these rpcs have garbage in them until {@link #heal}: in the innermost message that
   * there can be, where only a full parse finds it; in answers without messages at the end. Calls
   * are carried out.
   *
   * @param rpcs all if none is given
   */
  public void garble(String... rpcs) {
    for (CriMethod method : methods(rpcs)) {
      faults.damage(method, answer -> MalformedAnswers.garbled(method, answer));
    }
  }

  /**
   * Answers of these rpcs have a text that is no UTF-8 until {@link #heal}. Calls are carried out.
   *
   * @param rpcs all that answer with a text if none is given
   * @throws IllegalArgumentException if answers of one of them have no text
   */
  public void garbleText(String... rpcs) {
    for (CriMethod method : methods(rpcs)) {
      if (MalformedAnswers.haveText(method)) {
        faults.damage(method, answer -> MalformedAnswers.withBadText(method, answer));
      } else if (rpcs.length > 0) {
        throw new IllegalArgumentException("answers of " + method.name() + " have no text");
      }
    }
  }

  /**
   * Answers of these rpcs end in the middle of a field until {@link #heal}. Calls are carried out.
   *
   * @param rpcs all if none is given
   */
  public void truncate(String... rpcs) {
    for (CriMethod method : methods(rpcs)) {
      faults.damage(method, MalformedAnswers::truncated);
    }
  }

  /**
   * Answers of these rpcs never end, until {@link #heal} for later calls: a stream repeats its last
   * message now and then, an rpc with one message sends that and no status. Calls are carried out,
   * and those that fail do so at once.
   *
   * @param every how long a stream waits before it goes on
   * @param rpcs all if none is given
   */
  public void trickle(Duration every, String... rpcs) {
    requireNonNull(every, "every");
    methods(rpcs).forEach(method -> faults.trickle(method, every));
  }

  /**
   * Answers of these rpcs are enormous, until {@link #heal} for later calls: a stream repeats its
   * last message as fast as it can, enlarged to 1 MiB unless it is an event; an answer of one
   * message has 65 MiB. They are well-formed: the size comes from a field that CRI does not have.
   * Calls are carried out. Costs no memory, since all of it is one shared buffer.
   *
   * @param rpcs all if none is given
   */
  public void flood(String... rpcs) {
    methods(rpcs).forEach(faults::flood);
  }

  private static List<CriMethod> methods(String... rpcs) {
    return rpcs.length == 0 ? CriMethod.all() : Arrays.stream(rpcs).map(CriMethod::of).toList();
  }

  /** Forgets {@link #failNext}, {@link #failAlways}, {@link #delay} and their like. */
  public void heal() {
    faults.clear();
  }

  /**
   * Stops like a process that is suspended: calls wait without being carried out, answers are held
   * back and streams fall silent until {@link #resume}.
   *
   * @param rpcs only these; all if none is given
   */
  public void hang(String... rpcs) {
    faults.hang(methods(rpcs));
  }

  /** Goes on after {@link #hang}; what waited is carried out now, oldest first. */
  public void resume() {
    faults.resume();
  }

  /**
   * Breaks all connections: calls that are open or come later end UNREACHABLE until {@link #up}.
   */
  public void down() {
    faults.down();
  }

  /** Can be reached again, with all of its state. */
  public void up() {
    faults.up();
  }

  @Override
  public String toString() {
    return "FakeRuntime(" + name + ")";
  }
}
