package io.crirouter.testkit.router;

import io.crirouter.core.BackendName;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;

/** Configs of pods and containers. */
final class Pods {
  /** The annotation with the time at which the kubelet saw the pod, in nanoseconds. */
  static final String SEEN = "kubernetes.io/config.seen";

  private Pods() {}

  /** A pod without a target runtime. Its uid is {@code NAME-uid}. */
  static PodSandboxConfig.Builder plain(String name) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder()
                .setName(name)
                .setUid(name + "-uid")
                .setNamespace("default"))
        .putAnnotations(SEEN, "2026-01-01T00:00:00.000000000Z " + name);
  }

  /** A pod with the annotation for a runtime. */
  static PodSandboxConfig.Builder on(BackendName runtime, String name) {
    return on(runtime.value(), name);
  }

  static PodSandboxConfig.Builder on(String runtime, String name) {
    return plain(name).putAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, runtime);
  }

  /** The config of the next sandbox of a pod, with the next attempt. */
  static PodSandboxConfig.Builder nextSandboxOf(PodSandboxConfig.Builder pod) {
    PodSandboxConfig.Builder next = pod.clone();
    next.getMetadataBuilder().setAttempt(pod.getMetadata().getAttempt() + 1);
    return next;
  }

  static ContainerConfig.Builder container(String name, String image) {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(name))
        .setImage(ImageSpec.newBuilder().setImage(image));
  }

  static CreateContainerRequest container(String pod, String name, String image) {
    return CreateContainerRequest.newBuilder()
        .setPodSandboxId(pod)
        .setConfig(container(name, image))
        .build();
  }
}
