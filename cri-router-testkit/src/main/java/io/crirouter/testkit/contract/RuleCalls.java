package io.crirouter.testkit.contract;

import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.ExecSyncResponse;
import io.crirouter.proto.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StartContainerResponse;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.LockSupport;

/**
 * The calls of one rule, in the form that a kubelet sends them. Keeps track of the sandboxes, which
 * are removed after the rule. May be used from any thread.
 */
final class RuleCalls {
  /** The label of all pods and containers of a suite. */
  static final String LABEL = "contract";

  /** An id that no sandbox or container has. */
  static final String UNKNOWN_ID = "fedcba9876543210".repeat(4);

  /** The exit code of {@link #MAIN} after SIGTERM. */
  static final int SIGTERM_EXIT_CODE = 3;

  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final String MAIN =
      "trap 'exit 3' TERM; echo to stdout; echo to stderr >&2; while :; do sleep 0.1; done";

  private final ContractSession session;
  private final Deque<String> pods = new ConcurrentLinkedDeque<>();

  RuleCalls(ContractSession session) {
    this.session = session;
  }

  RuntimeUnderTest runtimeUnderTest() {
    return session.runtime();
  }

  Duration timeout() {
    return session.timeout();
  }

  CriClient client() {
    return session.client();
  }

  SharedPod shared() {
    return session.shared();
  }

  RuntimeServiceBlockingStub runtime() {
    return client().runtime();
  }

  ImageServiceBlockingStub images() {
    return client().images();
  }

  /** The config of a new pod with a unique name. */
  PodSandboxConfig podConfig() {
    return new PodSpecs(runtimeUnderTest()).newPod();
  }

  String run() {
    return run(podConfig());
  }

  String run(PodSandboxConfig config) {
    String id =
        runtime()
            .runPodSandbox(
                RunPodSandboxRequest.newBuilder()
                    .setConfig(config)
                    .setRuntimeHandler(runtimeUnderTest().runtimeHandler)
                    .build())
            .getPodSandboxId();
    pods.push(id);
    return id;
  }

  void stopPod(String id) {
    var unused =
        runtime().stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  void removePod(String id) {
    var unused =
        runtime()
            .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    pods.remove(id);
  }

  /** The id of a sandbox that was removed. */
  String removedPod() {
    String id = run();
    stopPod(id);
    removePod(id);
    return id;
  }

  PodSandboxStatus podStatus(String id) {
    return runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build())
        .getStatus();
  }

  List<PodSandbox> pods(PodSandboxFilter.Builder filter) {
    return runtime()
        .listPodSandbox(ListPodSandboxRequest.newBuilder().setFilter(filter).build())
        .getItemsList();
  }

  /** The image spec that a kubelet sends for the image. */
  ImageSpec image() {
    return image(runtimeUnderTest().image);
  }

  ImageSpec image(String name) {
    return new PodSpecs(runtimeUnderTest()).image(name);
  }

  /** The config of a container that runs until it is stopped. */
  ContainerConfig containerConfig(String name) {
    return containerConfig(name, "sh", "-c", MAIN);
  }

  ContainerConfig containerConfig(String name, String... command) {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(name))
        .addAllCommand(List.of(command))
        .putLabels(LABEL, name)
        .putAnnotations("io.kubernetes.container.restartCount", "0")
        .setLogPath(name + "/0.log")
        .build();
  }

  /** Creates a container of the image. Like a kubelet, it uses the id of the image. */
  String create(String pod, PodSandboxConfig podConfig, ContainerConfig config) {
    PodSpecs.createLogFolder(podConfig, config);
    String imageId =
        images()
            .imageStatus(ImageStatusRequest.newBuilder().setImage(image()).build())
            .getImage()
            .getId();
    return runtime()
        .createContainer(
            CreateContainerRequest.newBuilder()
                .setPodSandboxId(pod)
                .setConfig(config.toBuilder().setImage(ImageSpec.newBuilder().setImage(imageId)))
                .setSandboxConfig(podConfig)
                .build())
        .getContainerId();
  }

  /** Starts a container in a new sandbox. */
  String startInNewPod(String... command) {
    PodSandboxConfig config = podConfig();
    String pod = run(config);
    String id =
        create(
            pod,
            config,
            command.length == 0 ? containerConfig("main") : containerConfig("main", command));
    start(id);
    return id;
  }

  void start(String container) {
    var unused = startOf(container);
  }

  StartContainerResponse startOf(String container) {
    return runtime()
        .startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());
  }

  /** The sandbox of a container. */
  String podOf(String container) {
    return containers(ContainerFilter.newBuilder().setId(container)).stream()
        .map(Container::getPodSandboxId)
        .findFirst()
        .orElseThrow(() -> new AssertionError("ListContainers by id does not find " + container));
  }

  void stop(String container, int seconds) {
    var unused =
        runtime()
            .stopContainer(
                StopContainerRequest.newBuilder()
                    .setContainerId(container)
                    .setTimeout(seconds)
                    .build());
  }

  void remove(String container) {
    var unused =
        runtime()
            .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(container).build());
  }

  ContainerStatus status(String container) {
    return runtime()
        .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(container).build())
        .getStatus();
  }

  List<Container> containers(ContainerFilter.Builder filter) {
    return runtime()
        .listContainers(ListContainersRequest.newBuilder().setFilter(filter).build())
        .getContainersList();
  }

  ExecSyncResponse exec(String container, String... command) {
    return runtime()
        .execSync(
            ExecSyncRequest.newBuilder()
                .setContainerId(container)
                .addAllCmd(List.of(command))
                .setTimeout(5)
                .build());
  }

  /** Assertions about the runtime. */
  interface Check {
    void run() throws Exception;
  }

  /** Repeats {@code check} until its assertions hold, up to the timeout of the session. */
  void eventually(Check check) throws Exception {
    long deadline = System.nanoTime() + timeout().toNanos();
    while (true) {
      try {
        check.run();
        return;
      } catch (AssertionError e) {
        if (System.nanoTime() - deadline > 0 || Thread.currentThread().isInterrupted()) {
          throw e;
        }
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** Removes the sandboxes of this rule. */
  void removeAll() {
    for (String pod : new ArrayDeque<>(pods)) {
      stopPod(pod);
      removePod(pod);
    }
  }

  /** As {@link #removeAll}, but adds a failure to {@code failure} as suppressed. */
  void removeAllAfter(Throwable failure) {
    try {
      removeAll();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }
}
