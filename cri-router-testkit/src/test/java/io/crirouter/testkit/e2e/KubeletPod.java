package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ContainerStatusResponse;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.CreateContainerResponse;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.ExecSyncResponse;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ImageStatusResponse;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.TestRegistry;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A pod sandbox that is created and removed with the calls of a kubelet, in the same order. */
final class KubeletPod {
  /** The timeout of StopContainer for a grace period of one second. */
  private static final int STOP_SECONDS = 2;

  private final CriClient client;
  private final Side side;
  private final PodSandboxConfig config;
  private final String id;
  private final List<String> containers = new ArrayList<>();

  private KubeletPod(CriClient client, Side side, PodSandboxConfig config, String id) {
    this.client = client;
    this.side = side;
    this.config = config;
    this.id = id;
  }

  /** Runs a sandbox through the router for {@code side}. */
  static KubeletPod run(RoutedPair pair, Side side, String name) {
    return run(pair.proxy(), side, PodSpecs.pod(pair, side, name), "");
  }

  /** Runs a sandbox that is expected to be routed to {@code side}. */
  static KubeletPod run(
      CriClient client, Side side, PodSandboxConfig config, String runtimeHandler) {
    String id =
        client
            .runtime()
            .runPodSandbox(
                RunPodSandboxRequest.newBuilder()
                    .setConfig(config)
                    .setRuntimeHandler(runtimeHandler)
                    .build())
            .getPodSandboxId();
    return new KubeletPod(client, side, config, id);
  }

  /** The same pod, seen through another router. */
  KubeletPod through(CriClient other) {
    KubeletPod same = new KubeletPod(other, side, config, id);
    same.containers.addAll(containers);
    return same;
  }

  /** The id for clients of the router. */
  String id() {
    return id;
  }

  /** The id of the runtime. */
  String ownId() {
    return side.ownId(id);
  }

  /** The id of the first container, for clients of the router. */
  String container() {
    return containers.get(0);
  }

  /** The ids of the containers, for clients of the router. */
  List<String> containers() {
    return List.copyOf(containers);
  }

  /** The runtime of the pod. */
  Side side() {
    return side;
  }

  PodSandboxConfig config() {
    return config;
  }

  String app() {
    return config.getLabelsOrThrow(PodSpecs.APP);
  }

  Path log(ContainerConfig.Builder container) {
    return Path.of(config.getLogDirectory()).resolve(container.getLogPath());
  }

  /** Pulls the image if it is absent, creates and starts a container and returns its id. */
  String start(ContainerConfig.Builder container) {
    String started = create(container);
    client
        .runtime()
        .startContainer(StartContainerRequest.newBuilder().setContainerId(started).build());
    return started;
  }

  /** As {@link #start}, but does not start the container. */
  String create(ContainerConfig.Builder container) {
    String created = create(container, presentImage(TestRegistry.BUSYBOX)).getContainerId();
    containers.add(created);
    return created;
  }

  /** Creates a container without checking that the image is present. */
  CreateContainerResponse create(ContainerConfig.Builder container, String image) {
    return client
        .runtime()
        .createContainer(
            CreateContainerRequest.newBuilder()
                .setPodSandboxId(id)
                .setConfig(container.setImage(PodSpecs.image(image)))
                .setSandboxConfig(config)
                .build());
  }

  /** Pulls the image if it is absent, and returns the ref for CreateContainer. */
  private String presentImage(String name) {
    ImageSpec spec = PodSpecs.image(name, config);
    ImageStatusResponse status =
        client.images().imageStatus(ImageStatusRequest.newBuilder().setImage(spec).build());
    return status.hasImage()
        ? status.getImage().getId()
        : client
            .images()
            .pullImage(
                PullImageRequest.newBuilder().setImage(spec).setSandboxConfig(config).build())
            .getImageRef();
  }

  PodSandboxStatusResponse status() {
    return statusOf(id);
  }

  /** The status of the sandbox with this id, which may be shortened. */
  PodSandboxStatusResponse statusOf(String shortId) {
    return client
        .runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(shortId).build());
  }

  ContainerStatusResponse status(String container) {
    return client
        .runtime()
        .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(container).build());
  }

  ExecSyncResponse exec(String container, String... command) {
    return client
        .runtime()
        .execSync(
            ExecSyncRequest.newBuilder()
                .setContainerId(container)
                .addAllCmd(List.of(command))
                .setTimeout(5)
                .build());
  }

  void stop(String container) {
    client
        .runtime()
        .stopContainer(
            StopContainerRequest.newBuilder()
                .setContainerId(container)
                .setTimeout(STOP_SECONDS)
                .build());
  }

  void stopSandbox() {
    client.runtime().stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  /** Stops and removes everything with the calls of a kubelet, and checks that it is gone. */
  void delete() {
    containers.forEach(this::stop);
    stopSandbox();
    stopSandbox();
    for (String container : containers) {
      client
          .runtime()
          .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(container).build());
      assertThat(Outcome.of(() -> status(container)).code())
          .as("status of a removed container")
          .isEqualTo(Status.Code.NOT_FOUND);
    }
    removeSandbox();
  }

  private void removeSandbox() {
    client
        .runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  /** Stops and removes the sandbox, with its containers, in two calls. */
  void remove() {
    stopSandbox();
    removeSandbox();
  }

  @Override
  public String toString() {
    return "pod " + app() + " on " + side.backend();
  }
}
