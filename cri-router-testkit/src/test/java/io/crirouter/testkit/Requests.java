package io.crirouter.testkit;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StartContainerRequest;

/** Requests and calls of the tests. */
final class Requests {
  private Requests() {}

  static PodSandboxConfig podConfig(String name) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder()
                .setName(name)
                .setUid(name + "-uid")
                .setNamespace("default"))
        .setLogDirectory("/var/log/pods/" + name)
        .putLabels("app", name)
        .putAnnotations("note", "about " + name)
        .build();
  }

  static RunPodSandboxRequest pod(String name) {
    return RunPodSandboxRequest.newBuilder().setConfig(podConfig(name)).build();
  }

  static ContainerConfig containerConfig(String name, String image) {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(name))
        .setImage(spec(image))
        .setLogPath(name + "/0.log")
        .putLabels("container", name)
        .build();
  }

  static CreateContainerRequest container(String podId, String name, String image) {
    return container(podId, containerConfig(name, image));
  }

  static CreateContainerRequest container(String podId, ContainerConfig config) {
    return CreateContainerRequest.newBuilder().setPodSandboxId(podId).setConfig(config).build();
  }

  static ImageSpec spec(String image) {
    return ImageSpec.newBuilder().setImage(image).build();
  }

  static ImageStatusRequest imageStatus(String image) {
    return ImageStatusRequest.newBuilder().setImage(spec(image)).build();
  }

  static PullImageRequest pull(String image) {
    return PullImageRequest.newBuilder().setImage(spec(image)).build();
  }

  @CanIgnoreReturnValue
  static String runPod(CriClient client, String name) {
    return client.runtime().runPodSandbox(pod(name)).getPodSandboxId();
  }

  @CanIgnoreReturnValue
  static String create(CriClient client, String podId, String name) {
    return client.runtime().createContainer(container(podId, name, "busybox")).getContainerId();
  }

  static void start(CriClient client, String containerId) {
    client
        .runtime()
        .startContainer(StartContainerRequest.newBuilder().setContainerId(containerId).build());
  }

  @CanIgnoreReturnValue
  static String startNew(CriClient client, String podId, String name) {
    String id = create(client, podId, name);
    start(client, id);
    return id;
  }

  static ContainerStatus status(CriClient client, String containerId) {
    return client
        .runtime()
        .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(containerId).build())
        .getStatus();
  }
}
