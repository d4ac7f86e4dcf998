package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.core.RuntimeBackend;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StartContainerResponse;
import io.crirouter.testkit.CriClient;
import java.util.Map;

/** Pods with one container each, run with the calls that a kubelet makes. */
final class FakePods {
  private FakePods() {}

  /** Runs a pod in the namespace {@code ns}. */
  static void run(RuntimeBackend runtime, String name, Map<String, String> annotations) {
    try (CriClient client = CriClient.of(runtime)) {
      PodSandboxConfig config =
          PodSandboxConfig.newBuilder()
              .setMetadata(
                  PodSandboxMetadata.newBuilder().setName(name).setUid(name).setNamespace("ns"))
              .putAllAnnotations(annotations)
              .build();
      String pod =
          client
              .runtime()
              .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build())
              .getPodSandboxId();
      String image =
          client
              .images()
              .pullImage(
                  PullImageRequest.newBuilder()
                      .setImage(ImageSpec.newBuilder().setImage("busybox"))
                      .setSandboxConfig(config)
                      .build())
              .getImageRef();
      String container =
          client
              .runtime()
              .createContainer(
                  CreateContainerRequest.newBuilder()
                      .setPodSandboxId(pod)
                      .setConfig(
                          ContainerConfig.newBuilder()
                              .setMetadata(ContainerMetadata.newBuilder().setName("main"))
                              .setImage(ImageSpec.newBuilder().setImage(image)))
                      .setSandboxConfig(config)
                      .build())
              .getContainerId();
      StartContainerResponse unused =
          client
              .runtime()
              .startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());
    }
  }
}
