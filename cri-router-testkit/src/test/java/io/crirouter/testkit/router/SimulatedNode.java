package io.crirouter.testkit.router;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.StateStore;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.FakeRuntimeBuilder;
import io.crirouter.testkit.ManualScheduler;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** A router with fake runtimes in one thread and with a manual clock. */
final class SimulatedNode implements AutoCloseable {
  static final String PRIMARY = "containerd";
  static final String VIRTLET = "virtlet.cloud";

  private final ManualScheduler time;
  private final Map<String, FakeRuntime> runtimes = new LinkedHashMap<>();
  private final Map<String, UnaryOperator<RuntimeBackend>> edges = new HashMap<>();
  private StateStore store = StateStore.NONE;
  private UnaryOperator<CriRouter.Builder> configuration = builder -> builder;
  private CriRouter router;
  private CriClient client;

  private SimulatedNode(ManualScheduler time) {
    this.time = time;
  }

  /** A node with a primary and one secondary, both up. */
  static SimulatedNode start() {
    return of(PRIMARY, VIRTLET).startRouter();
  }

  /** A node with these runtimes, the primary first. Its router is not started. */
  static SimulatedNode of(String... names) {
    SimulatedNode node = new SimulatedNode(new ManualScheduler());
    for (String name : names) {
      node.runtimes.put(
          name, FakeRuntime.named(name).scheduler(node.time).images("busybox").build());
    }
    return node;
  }

  /** Replaces a runtime by one with other settings. */
  SimulatedNode withRuntime(String name, UnaryOperator<FakeRuntimeBuilder> how) {
    FakeRuntimeBuilder builder = FakeRuntime.named(name).scheduler(time).images("busybox");
    runtimes.put(name, how.apply(builder).build());
    return this;
  }

  /** Intercepts calls to a runtime from the next start of the router on. */
  SimulatedNode between(String name, UnaryOperator<RuntimeBackend> interceptor) {
    edges.put(name, interceptor);
    return this;
  }

  /** Removes this secondary from the configuration at the next start of the router. */
  SimulatedNode leaveOut(String name) {
    runtimes.remove(name);
    return this;
  }

  /** Renames this secondary at the next start of the router. */
  SimulatedNode rename(String name, String newName) {
    FakeRuntime runtime = runtime(name);
    runtimes.remove(name);
    runtimes.put(newName, runtime);
    return this;
  }

  SimulatedNode withStore(StateStore kept) {
    store = kept;
    return this;
  }

  SimulatedNode configured(UnaryOperator<CriRouter.Builder> how) {
    configuration = how;
    return this;
  }

  /** Starts a router. A running one is dropped, as after a kill. */
  SimulatedNode startRouter() {
    CriRouter.Builder builder = CriRouter.builder().scheduler(time).stateStore(store);
    runtimes.forEach(
        (name, fake) -> {
          RuntimeBackend runtime = edges.getOrDefault(name, interceptor -> interceptor).apply(fake);
          if (name.equals(runtimes.keySet().iterator().next())) {
            builder.primary(BackendName.of(name), runtime);
          } else {
            builder.secondary(BackendName.of(name), runtime);
          }
        });
    router = configuration.apply(builder).build();
    client = CriClient.of(router);
    return this;
  }

  ManualScheduler time() {
    return time;
  }

  /** The number of scheduled tasks, including those of the runtimes. */
  int pendingTasks() {
    return time.pendingTasks();
  }

  void advance(Duration by) {
    time.advance(by);
  }

  FakeRuntime runtime(String name) {
    FakeRuntime runtime = runtimes.get(name);
    if (runtime == null) {
      throw new AssertionError("no runtime " + name);
    }
    return runtime;
  }

  FakeRuntime virtlet() {
    return runtime(VIRTLET);
  }

  CriRouter router() {
    return router;
  }

  CriClient client() {
    return client;
  }

  /** Runs a pod on {@code target} and returns the sandbox id for clients. */
  String runPod(String name, String target) {
    return runPod(name, target, 0);
  }

  /** Runs the sandbox of a pod with this attempt. */
  String runPod(String name, String target, int attempt) {
    PodSandboxConfig.Builder config = pod(name, target).toBuilder();
    config.getMetadataBuilder().setAttempt(attempt);
    return client
        .runtime()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build())
        .getPodSandboxId();
  }

  static PodSandboxConfig pod(String name, String target) {
    PodSandboxConfig.Builder pod =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder()
                    .setName(name)
                    .setUid("uid-" + name)
                    .setNamespace("default"))
            .putLabels("app", name);
    if (!target.equals(PRIMARY)) {
      pod.putAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, target);
    }
    return pod.build();
  }

  /** Runs a container in a sandbox and returns its id for clients. */
  String runContainer(String sandbox, String name) {
    String id = createContainer(sandbox, name);
    client.runtime().startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
    return id;
  }

  String createContainer(String sandbox, String name) {
    return client
        .runtime()
        .createContainer(
            CreateContainerRequest.newBuilder()
                .setPodSandboxId(sandbox)
                .setConfig(
                    ContainerConfig.newBuilder()
                        .setMetadata(ContainerMetadata.newBuilder().setName(name))
                        .setImage(ImageSpec.newBuilder().setImage("busybox"))
                        .putLabels("container", name))
                .build())
        .getContainerId();
  }

  List<PodSandbox> sandboxes() {
    return client
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList();
  }

  List<Container> containers() {
    return client
        .runtime()
        .listContainers(ListContainersRequest.getDefaultInstance())
        .getContainersList();
  }

  @Override
  public void close() {
    client.close();
    router.close();
  }
}
