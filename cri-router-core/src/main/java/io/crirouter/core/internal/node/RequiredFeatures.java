package io.crirouter.core.internal.node;

import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.LinuxContainerConfig;
import io.crirouter.proto.v1.LinuxContainerSecurityContext;
import io.crirouter.proto.v1.LinuxPodSandboxConfig;
import io.crirouter.proto.v1.LinuxSandboxSecurityContext;
import io.crirouter.proto.v1.Mount;
import io.crirouter.proto.v1.NamespaceMode;
import io.crirouter.proto.v1.NamespaceOption;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.RuntimeFeatures;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.proto.v1.SupplementalGroupsPolicy;
import io.crirouter.proto.v1.UserNamespace;

/**
 * Refuses pods and containers that need a feature which their secondary lacks. The node announces
 * the primary's features, and a kubelet relies on them for pods of all runtimes; a secondary would
 * silently ignore the fields.
 */
public final class RequiredFeatures {
  private final NodeStatus nodeStatus;

  /** Takes the features from the last Status of each secondary. */
  public RequiredFeatures(NodeStatus nodeStatus) {
    this.nodeStatus = nodeStatus;
  }

  /**
   * Checks a pod sandbox.
   *
   * @param config its PodSandboxConfig
   * @throws RpcException FAILED_PRECONDITION naming the missing feature
   */
  public void requireForSandbox(Backend backend, WireMessage config)
      throws RpcException, MalformedMessageException {
    if (backend.isPrimary()) {
      return;
    }
    WireMessage security =
        config
            .message(PodSandboxConfig.LINUX_FIELD_NUMBER)
            .message(LinuxPodSandboxConfig.SECURITY_CONTEXT_FIELD_NUMBER);
    requireGroupsPolicy(
        backend,
        security.number(LinuxSandboxSecurityContext.SUPPLEMENTAL_GROUPS_POLICY_FIELD_NUMBER));
    WireMessage namespaces =
        security.message(LinuxSandboxSecurityContext.NAMESPACE_OPTIONS_FIELD_NUMBER);
    boolean hostNetwork =
        namespaces.number(NamespaceOption.NETWORK_FIELD_NUMBER) == NamespaceMode.NODE_VALUE;
    if (hostNetwork && namespaces.has(NamespaceOption.USERNS_OPTIONS_FIELD_NUMBER)) {
      requireUserNamespaces(backend, namespaces);
    }
  }

  private void requireUserNamespaces(Backend backend, WireMessage namespaces)
      throws RpcException, MalformedMessageException {
    long mode =
        namespaces
            .message(NamespaceOption.USERNS_OPTIONS_FIELD_NUMBER)
            .number(UserNamespace.MODE_FIELD_NUMBER);
    if (mode == NamespaceMode.POD_VALUE) {
      require(
          backend,
          RuntimeFeatures.USER_NAMESPACES_HOST_NETWORK_FIELD_NUMBER,
          "user namespaces in the host's network");
    }
  }

  /**
   * Checks a container.
   *
   * @param creation its CreateContainer request
   * @throws RpcException FAILED_PRECONDITION naming the missing feature
   */
  public void requireForContainer(Backend backend, CriRequest creation)
      throws RpcException, MalformedMessageException {
    if (backend.isPrimary()) {
      return;
    }
    WireMessage config =
        WireMessage.parse(creation.message()).message(CreateContainerRequest.CONFIG_FIELD_NUMBER);
    WireMessage security =
        config
            .message(ContainerConfig.LINUX_FIELD_NUMBER)
            .message(LinuxContainerConfig.SECURITY_CONTEXT_FIELD_NUMBER);
    requireGroupsPolicy(
        backend,
        security.number(LinuxContainerSecurityContext.SUPPLEMENTAL_GROUPS_POLICY_FIELD_NUMBER));
    for (WireMessage mount : config.messages(ContainerConfig.MOUNTS_FIELD_NUMBER)) {
      if (mount.has(Mount.MOUNT_OPTIONS_FIELD_NUMBER)) {
        require(backend, RuntimeFeatures.MOUNT_OPTIONS_FIELD_NUMBER, "mount options");
      }
    }
  }

  private void requireGroupsPolicy(Backend backend, long policy)
      throws RpcException, MalformedMessageException {
    if (policy == SupplementalGroupsPolicy.Strict_VALUE) {
      require(
          backend,
          RuntimeFeatures.SUPPLEMENTAL_GROUPS_POLICY_FIELD_NUMBER,
          "supplementalGroupsPolicy Strict");
    }
  }

  private void require(Backend backend, int feature, String name)
      throws RpcException, MalformedMessageException {
    boolean has =
        nodeStatus.lastStatus(backend).message(StatusResponse.FEATURES_FIELD_NUMBER).flag(feature);
    if (!has) {
      throw new RpcException(
          Code.FAILED_PRECONDITION,
          String.format("the pod asks for %s, which runtime %s does not have", name, backend));
    }
  }
}
