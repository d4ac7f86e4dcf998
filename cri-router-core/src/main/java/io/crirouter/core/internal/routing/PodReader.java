package io.crirouter.core.internal.routing;

import io.crirouter.core.PodView;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.LinuxPodSandboxConfig;
import io.crirouter.proto.v1.LinuxSandboxSecurityContext;
import io.crirouter.proto.v1.NamespaceMode;
import io.crirouter.proto.v1.NamespaceOption;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;

/** Reads the view of a pod for policies from its sandbox config. */
public final class PodReader {
  private PodReader() {}

  /**
   * The pod.
   *
   * @param config a PodSandboxConfig
   * @param runtimeHandler the runtime handler, which the request has beside the config
   * @throws RpcException RESOURCE_EXHAUSTED if the pod has too much metadata
   */
  public static PodView read(WireMessage config, String runtimeHandler)
      throws RpcException, MalformedMessageException {
    WireMessage metadata = config.message(PodSandboxConfig.METADATA_FIELD_NUMBER);
    String namespace = metadata.string(PodSandboxMetadata.NAMESPACE_FIELD_NUMBER);
    String name = metadata.string(PodSandboxMetadata.NAME_FIELD_NUMBER);
    RequestLimits.checkMetadata(
        config.sizeOf(
            PodSandboxConfig.METADATA_FIELD_NUMBER,
            PodSandboxConfig.LABELS_FIELD_NUMBER,
            PodSandboxConfig.ANNOTATIONS_FIELD_NUMBER),
        () -> "pod " + namespace + "/" + name);
    WireMessage security =
        config
            .message(PodSandboxConfig.LINUX_FIELD_NUMBER)
            .message(LinuxPodSandboxConfig.SECURITY_CONTEXT_FIELD_NUMBER);
    WireMessage namespaces =
        security.message(LinuxSandboxSecurityContext.NAMESPACE_OPTIONS_FIELD_NUMBER);
    return PodView.builder()
        .namespace(namespace)
        .name(name)
        .uid(metadata.string(PodSandboxMetadata.UID_FIELD_NUMBER))
        .labels(config.stringMap(PodSandboxConfig.LABELS_FIELD_NUMBER))
        .annotations(config.stringMap(PodSandboxConfig.ANNOTATIONS_FIELD_NUMBER))
        .runtimeHandler(runtimeHandler)
        .hostNetwork(isNodes(namespaces, NamespaceOption.NETWORK_FIELD_NUMBER))
        .hostPid(isNodes(namespaces, NamespaceOption.PID_FIELD_NUMBER))
        .hostIpc(isNodes(namespaces, NamespaceOption.IPC_FIELD_NUMBER))
        .privileged(security.flag(LinuxSandboxSecurityContext.PRIVILEGED_FIELD_NUMBER))
        .build();
  }

  private static boolean isNodes(WireMessage namespaces, int field)
      throws MalformedMessageException {
    return namespaces.number(field) == NamespaceMode.NODE_VALUE;
  }
}
