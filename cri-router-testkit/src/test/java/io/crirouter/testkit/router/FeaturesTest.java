package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
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
import io.crirouter.proto.v1.SupplementalGroupsPolicy;
import io.crirouter.proto.v1.UserNamespace;
import io.grpc.Status.Code;
import org.junit.jupiter.api.Test;

/**
 * The node reports the features of the primary. A pod that needs a feature that its secondary lacks
 * is refused, because the secondary would silently ignore the field.
 */
class FeaturesTest {
  private static final RuntimeFeatures ALL =
      RuntimeFeatures.newBuilder()
          .setSupplementalGroupsPolicy(true)
          .setUserNamespacesHostNetwork(true)
          .setMountOptions(true)
          .build();

  private final Node lacking = Node.builder().containerd(fake -> fake.features(ALL)).build();
  private final Node having = Node.builder().virtlet(fake -> fake.features(ALL)).build();

  private static PodSandboxConfig.Builder strict(BackendName runtime) {
    return secured(
        runtime,
        LinuxSandboxSecurityContext.newBuilder()
            .setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict));
  }

  private static PodSandboxConfig.Builder secured(
      BackendName runtime, LinuxSandboxSecurityContext.Builder security) {
    return Pods.on(runtime, "a")
        .setLinux(LinuxPodSandboxConfig.newBuilder().setSecurityContext(security));
  }

  private static PodSandboxConfig.Builder userNamespaceOnHostNetwork(BackendName runtime) {
    return secured(
        runtime,
        LinuxSandboxSecurityContext.newBuilder()
            .setNamespaceOptions(
                NamespaceOption.newBuilder()
                    .setNetwork(NamespaceMode.NODE)
                    .setUsernsOptions(UserNamespace.newBuilder().setMode(NamespaceMode.POD))));
  }

  private static ContainerConfig.Builder strictContainer() {
    return Pods.container("main", "busybox")
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setSecurityContext(
                    LinuxContainerSecurityContext.newBuilder()
                        .setSupplementalGroupsPolicy(SupplementalGroupsPolicy.Strict)));
  }

  private static ContainerConfig.Builder withMountOptions() {
    return Pods.container("main", "busybox")
        .addMounts(Mount.newBuilder().setContainerPath("/data").addMountOptions("noexec"));
  }

  private static String create(Node node, String pod, ContainerConfig.Builder config) {
    return node.client
        .runtime()
        .createContainer(
            CreateContainerRequest.newBuilder().setPodSandboxId(pod).setConfig(config).build())
        .getContainerId();
  }

  @Test
  void aStrictPodIsRefusedIfTheRuntimeLacksTheFeature() {
    assertFails(
        () -> lacking.run(strict(VIRTLET)),
        Code.FAILED_PRECONDITION,
        "supplementalGroupsPolicy Strict",
        "virtlet.cloud");

    assertThat(lacking.virtlet.journal().calls()).isEmpty();
  }

  @Test
  void aStrictPodPassesIfTheRuntimeHasTheFeature() {
    assertThat(having.run(strict(VIRTLET))).startsWith("virt__");
    assertThat(lacking.run(strict(CONTAINERD))).isNotEmpty();
  }

  @Test
  void podsOfThePrimaryAreNotChecked() {
    assertThat(having.run(strict(CONTAINERD)))
        .as("it would do the same without a router")
        .isNotEmpty();
  }

  @Test
  void userNamespacesOnTheHostNetworkNeedTheFeature() {
    assertFails(
        () -> lacking.run(userNamespaceOnHostNetwork(VIRTLET)),
        Code.FAILED_PRECONDITION,
        "user namespaces",
        "virtlet.cloud");
    assertThat(having.run(userNamespaceOnHostNetwork(VIRTLET))).startsWith("virt__");
  }

  @Test
  void strictContainersNeedTheFeature() {
    String refused = lacking.runOnVirtlet("a");
    String passed = having.runOnVirtlet("a");

    assertFails(
        () -> create(lacking, refused, strictContainer()),
        Code.FAILED_PRECONDITION,
        "supplementalGroupsPolicy Strict",
        "virtlet.cloud");
    assertThat(create(having, passed, strictContainer())).startsWith("virt__");
  }

  @Test
  void mountOptionsNeedTheFeature() {
    String refused = lacking.runOnVirtlet("a");
    String passed = having.runOnVirtlet("a");

    assertFails(
        () -> create(lacking, refused, withMountOptions()),
        Code.FAILED_PRECONDITION,
        "mount options",
        "virtlet.cloud");
    assertThat(create(having, passed, withMountOptions())).startsWith("virt__");
  }
}
