package org.example.migration;

import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.LinuxPodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import java.nio.file.Path;
import java.time.Instant;

/**
 * A pod with one container, which runs until it is stopped.
 *
 * @param sandbox its id at the client that created it
 * @param container the id of the container at that client
 */
record Pod(String sandbox, String container) {
  private static final String IMAGE = "registry.test/busybox:1";

  /** Runs a pod with the calls of a kubelet. */
  static Pod run(CriClient client, String namespace, String name, String cgroup, Path logs) {
    PodSandboxConfig config = config(namespace, name, cgroup, logs);
    String sandbox =
        client
            .runtime()
            .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build())
            .getPodSandboxId();
    String container =
        client
            .runtime()
            .createContainer(
                CreateContainerRequest.newBuilder()
                    .setPodSandboxId(sandbox)
                    .setConfig(container(image(client, config)))
                    .setSandboxConfig(config)
                    .build())
            .getContainerId();
    client
        .runtime()
        .startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());
    return new Pod(sandbox, container);
  }

  private static PodSandboxConfig config(String namespace, String name, String cgroup, Path logs) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder().setNamespace(namespace).setName(name).setUid(name))
        .setHostname(name)
        .setLogDirectory(logs.resolve(name).toString())
        .putAnnotations("kubernetes.io/config.seen", Instant.now().toString())
        .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent(cgroup + "/pod" + name))
        .build();
  }

  private static ContainerConfig container(String image) {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName("main"))
        .setImage(ImageSpec.newBuilder().setImage(image))
        .addCommand("sh")
        .addArgs("-c")
        .addArgs("trap exit TERM; while :; do sleep 0.1; done")
        .setLogPath("main.log")
        .build();
  }

  /** The id of the image, which is pulled if the runtime of the pod lacks it. */
  private static String image(CriClient client, PodSandboxConfig pod) {
    ImageSpec spec =
        ImageSpec.newBuilder().setImage(IMAGE).putAllAnnotations(pod.getAnnotationsMap()).build();
    var present =
        client.images().imageStatus(ImageStatusRequest.newBuilder().setImage(spec).build());
    return present.hasImage()
        ? present.getImage().getId()
        : client
            .images()
            .pullImage(PullImageRequest.newBuilder().setImage(spec).setSandboxConfig(pod).build())
            .getImageRef();
  }

  /** Stops and removes a sandbox with its containers. */
  static void delete(CriClient client, String sandbox) {
    var stopped =
        client
            .runtime()
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
    var removed =
        client
            .runtime()
            .removePodSandbox(
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox).build());
  }
}
