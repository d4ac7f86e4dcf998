package io.crirouter.testkit.e2e;

import com.google.protobuf.ByteString;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.KeyValue;
import io.crirouter.proto.v1.LinuxPodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import java.time.Instant;
import java.util.UUID;

/** The configs of pods and containers that a kubelet sends. */
final class PodSpecs {
  /** The label with the name of the pod. */
  static final String APP = "app";

  private PodSpecs() {}

  /** A pod for {@code side}, with the annotation that routes it there. */
  static PodSandboxConfig pod(RoutedPair pair, Side side, String name) {
    String uid = UUID.randomUUID().toString();
    return PodSandboxConfig.newBuilder()
        .setMetadata(PodSandboxMetadata.newBuilder().setName(name).setUid(uid).setNamespace("e2e"))
        .setHostname(name)
        .setLogDirectory(
            pair.runtimes().run().path().resolve("logs/e2e_" + name + "_" + uid).toString())
        .putLabels(APP, name)
        .putLabels("io.kubernetes.pod.uid", uid)
        .putAnnotations("kubernetes.io/config.seen", Instant.now().toString())
        .putAnnotations("kubernetes.io/config.source", "api")
        .putAllAnnotations(side.annotations())
        .setLinux(
            LinuxPodSandboxConfig.newBuilder()
                .setCgroupParent(pair.runtime(side).cgroupParent() + "/pod" + uid))
        .build();
  }

  /** A container that runs a shell script. */
  static ContainerConfig.Builder container(String name, String script) {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(name))
        .addCommand("sh")
        .addArgs("-c")
        .addArgs(script)
        .addEnvs(
            KeyValue.newBuilder().setKey("SAID_BY").setValue(ByteString.copyFromUtf8("kubelet")))
        .putLabels("io.kubernetes.container.name", name)
        .putAnnotations("io.kubernetes.container.restartCount", "0")
        .setLogPath(name + "/0.log");
  }

  /** A container that prints {@code words} and then runs until SIGTERM. */
  static ContainerConfig.Builder printing(String name, String words) {
    return container(name, "trap 'exit 3' TERM; echo " + words + "; while :; do sleep 0.1; done");
  }

  /** The image spec of a kubelet for a container of {@code pod}. */
  static ImageSpec image(String name, PodSandboxConfig pod) {
    return ImageSpec.newBuilder().setImage(name).putAllAnnotations(pod.getAnnotationsMap()).build();
  }

  /** An image spec without a pod, as in the calls of crictl. */
  static ImageSpec image(String name) {
    return ImageSpec.newBuilder().setImage(name).build();
  }
}
