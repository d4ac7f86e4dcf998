package io.crirouter.testkit.router;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.GetEventsRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.FakeRuntimeBuilder;
import io.crirouter.testkit.ManualScheduler;
import io.crirouter.testkit.ResponseStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A router with two fake runtimes in one thread, and helpers to read events as text. Pods are run
 * directly at the runtimes, so that the router knows them only from events and lists.
 */
final class EventNode implements AutoCloseable {
  static final String PREFIX = "virt__";

  private final ManualScheduler time = new ManualScheduler();
  private final FakeRuntime primary;
  private final FakeRuntime virtlet;
  private final CriRouter router;
  private final CriClient client;
  private final Map<String, String> names = new HashMap<>();

  private EventNode(
      UnaryOperator<FakeRuntimeBuilder> primary,
      UnaryOperator<FakeRuntimeBuilder> virtlet,
      boolean virtletIsUp) {
    this.primary = primary.apply(builder("containerd")).build();
    this.virtlet = virtlet.apply(builder("virtlet.cloud")).build();
    if (!virtletIsUp) {
      this.virtlet.down();
    }
    router =
        CriRouter.builder()
            .scheduler(time)
            .primary(BackendName.of("containerd"), this.primary)
            .secondary(BackendName.of("virtlet.cloud"), this.virtlet)
            .build();
    client = CriClient.of(router);
  }

  private FakeRuntimeBuilder builder(String name) {
    return FakeRuntime.named(name).scheduler(time).images("busybox");
  }

  /** Both runtimes have events. */
  static EventNode start() {
    return new EventNode(runtime -> runtime, runtime -> runtime, true);
  }

  /** The primary has default settings. */
  static EventNode withSecondary(UnaryOperator<FakeRuntimeBuilder> virtlet) {
    return new EventNode(runtime -> runtime, virtlet, true);
  }

  /** The secondary has default settings. */
  static EventNode withPrimary(UnaryOperator<FakeRuntimeBuilder> primary) {
    return new EventNode(primary, runtime -> runtime, true);
  }

  /** The secondary was never seen. */
  static EventNode withSecondaryAbsent() {
    return new EventNode(runtime -> runtime, runtime -> runtime, false);
  }

  FakeRuntime primary() {
    return primary;
  }

  FakeRuntime virtlet() {
    return virtlet;
  }

  CriRouter router() {
    return router;
  }

  CriClient client() {
    return client;
  }

  ManualScheduler time() {
    return time;
  }

  void advance(Duration by) {
    time.advance(by);
  }

  /** Runs a pod at the runtime and returns its native id. */
  String runPod(FakeRuntime runtime, String name) {
    try (CriClient direct = CriClient.of(runtime)) {
      String id =
          direct
              .runtime()
              .runPodSandbox(
                  RunPodSandboxRequest.newBuilder()
                      .setConfig(SimulatedNode.pod(name, "anywhere"))
                      .build())
              .getPodSandboxId();
      names.put(id, name);
      return id;
    }
  }

  /** Creates a container at the runtime, by native ids. */
  String create(FakeRuntime runtime, String pod, String name) {
    try (CriClient direct = CriClient.of(runtime)) {
      String id =
          direct
              .runtime()
              .createContainer(
                  CreateContainerRequest.newBuilder()
                      .setPodSandboxId(pod)
                      .setConfig(
                          ContainerConfig.newBuilder()
                              .setMetadata(ContainerMetadata.newBuilder().setName(name))
                              .setImage(ImageSpec.newBuilder().setImage("busybox")))
                      .build())
              .getContainerId();
      names.put(id, name);
      return id;
    }
  }

  void start(FakeRuntime runtime, String container) {
    try (CriClient direct = CriClient.of(runtime)) {
      direct
          .runtime()
          .startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());
    }
  }

  /** Creates and starts a container. */
  String run(FakeRuntime runtime, String pod, String name) {
    String id = create(runtime, pod, name);
    start(runtime, id);
    return id;
  }

  void removeContainer(FakeRuntime runtime, String container) {
    try (CriClient direct = CriClient.of(runtime)) {
      direct
          .runtime()
          .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(container).build());
    }
  }

  void removePod(FakeRuntime runtime, String pod) {
    try (CriClient direct = CriClient.of(runtime)) {
      direct
          .runtime()
          .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
    }
  }

  /** Runs an action whose events are discarded. */
  static void withoutEvents(FakeRuntime runtime, Runnable action) {
    runtime.loseEvents(true);
    action.run();
    runtime.loseEvents(false);
  }

  /** Subscribes a client that reads at once. */
  ResponseStream<ContainerEventResponse> listen() {
    return listen(10_000);
  }

  /** Subscribes a client with this window of unread events. */
  ResponseStream<ContainerEventResponse> listen(int window) {
    return client.stream(
        RuntimeServiceGrpc.getGetContainerEventsMethod(),
        GetEventsRequest.getDefaultInstance(),
        window);
  }

  /** Reads the events that have arrived. */
  static List<ContainerEventResponse> arrived(ResponseStream<ContainerEventResponse> events) {
    List<ContainerEventResponse> all = new ArrayList<>();
    for (Optional<ContainerEventResponse> next = events.poll();
        next.isPresent();
        next = events.poll()) {
      all.add(next.get());
    }
    return all;
  }

  /** Reads the events that have arrived, as {@code "web STARTED"}. */
  List<String> received(ResponseStream<ContainerEventResponse> events) {
    return arrived(events).stream().map(this::word).toList();
  }

  /** An event as {@code "web STARTED"}. */
  String word(ContainerEventResponse event) {
    String id = event.getContainerId();
    String own = id.startsWith(PREFIX) ? id.substring(PREFIX.length()) : id;
    String type = event.getContainerEventType().name();
    return names.getOrDefault(own, own)
        + " "
        + type.replace("CONTAINER_", "").replace("_EVENT", "");
  }

  @Override
  public void close() {
    client.close();
    router.close();
  }
}
