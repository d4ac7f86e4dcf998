package io.crirouter.testkit.contract;

import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.LinuxPodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;

/** The pod configs and image specs that a kubelet sends. */
record PodSpecs(RuntimeUnderTest runtime) {
  /** The config of a new pod with a unique name. */
  PodSandboxConfig newPod() {
    String uid = UUID.randomUUID().toString();
    String name = "contract-" + uid.substring(0, 8);
    PodSandboxConfig.Builder config =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder().setName(name).setUid(uid).setNamespace("contract"))
            .setHostname(name)
            .putLabels(RuleCalls.LABEL, name)
            .putLabels("io.kubernetes.pod.uid", uid)
            .putAnnotations("kubernetes.io/config.seen", Instant.now() + " " + uid)
            .putAnnotations("kubernetes.io/config.source", "api")
            .putAllAnnotations(runtime.annotations);
    runtime.logs().ifPresent(logs -> config.setLogDirectory(logs.resolve(name).toString()));
    if (!runtime.cgroupParent.isEmpty()) {
      config.setLinux(
          LinuxPodSandboxConfig.newBuilder().setCgroupParent(runtime.cgroupParent + "/pod" + uid));
    }
    return config.build();
  }

  /** The image spec for an image of a pod. */
  ImageSpec image(String name) {
    return ImageSpec.newBuilder()
        .setImage(name)
        .putAnnotations("kubernetes.io/config.source", "api")
        .putAllAnnotations(runtime.annotations)
        .build();
  }

  /** Creates the log folder of a container, which is the task of the kubelet. */
  static void createLogFolder(PodSandboxConfig pod, ContainerConfig container) {
    if (pod.getLogDirectory().isEmpty()) {
      return;
    }
    try {
      Path log = Path.of(pod.getLogDirectory()).resolve(container.getLogPath());
      var unused = Files.createDirectories(log.getParent());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create the log folder of a container", e);
    }
  }
}
