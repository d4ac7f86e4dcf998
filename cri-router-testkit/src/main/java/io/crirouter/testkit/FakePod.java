package io.crirouter.testkit;

import io.crirouter.proto.v1.LinuxPodSandboxStatus;
import io.crirouter.proto.v1.Namespace;
import io.crirouter.proto.v1.NamespaceMode;
import io.crirouter.proto.v1.NamespaceOption;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxNetworkStatus;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;

/** One pod sandbox of a {@link FakeRuntime}. Guarded by the lock of its {@link FakeState}. */
final class FakePod {
  final String id;
  final String runtimeHandler;
  final long createdAt;
  private final String ip;
  private PodSandboxConfig config;
  private boolean ready = true;

  FakePod(String id, PodSandboxConfig config, String runtimeHandler, long createdAt, String ip) {
    this.id = id;
    this.config = config;
    this.runtimeHandler = runtimeHandler;
    this.createdAt = createdAt;
    this.ip = usesHostNetwork(config) ? "" : ip;
  }

  private static NamespaceOption namespaces(PodSandboxConfig config) {
    return config.getLinux().getSecurityContext().getNamespaceOptions();
  }

  private static boolean usesHostNetwork(PodSandboxConfig config) {
    return namespaces(config).getNetwork() == NamespaceMode.NODE;
  }

  /** The name that a runtime reserves for one sandbox only. */
  static String reservedName(PodSandboxMetadata metadata) {
    return String.join(
        "_",
        metadata.getName(),
        metadata.getNamespace(),
        metadata.getUid(),
        Integer.toUnsignedString(metadata.getAttempt()));
  }

  PodSandboxConfig config() {
    return config;
  }

  void reconfigure(PodSandboxConfig changed) {
    config = changed;
  }

  boolean isReady() {
    return ready;
  }

  void stop() {
    ready = false;
  }

  PodSandboxState state() {
    return ready ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
  }

  PodSandbox listed() {
    return PodSandbox.newBuilder()
        .setId(id)
        .setMetadata(config.getMetadata())
        .setState(state())
        .setCreatedAt(createdAt)
        .putAllLabels(config.getLabelsMap())
        .putAllAnnotations(config.getAnnotationsMap())
        .setRuntimeHandler(runtimeHandler)
        .build();
  }

  PodSandboxStatus status() {
    return PodSandboxStatus.newBuilder()
        .setId(id)
        .setMetadata(config.getMetadata())
        .setState(state())
        .setCreatedAt(createdAt)
        .setNetwork(PodSandboxNetworkStatus.newBuilder().setIp(ip))
        .setLinux(
            LinuxPodSandboxStatus.newBuilder()
                .setNamespaces(Namespace.newBuilder().setOptions(namespaces(config))))
        .putAllLabels(config.getLabelsMap())
        .putAllAnnotations(config.getAnnotationsMap())
        .setRuntimeHandler(runtimeHandler)
        .build();
  }
}
