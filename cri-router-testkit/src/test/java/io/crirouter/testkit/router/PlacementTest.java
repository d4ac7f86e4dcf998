package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.RoutingPolicy;
import io.crirouter.proto.v1.CheckpointPodRequest;
import io.crirouter.proto.v1.LinuxPodSandboxConfig;
import io.crirouter.proto.v1.LinuxSandboxSecurityContext;
import io.crirouter.proto.v1.NamespaceMode;
import io.crirouter.proto.v1.NamespaceOption;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.RestorePodRequest;
import io.crirouter.proto.v1.RestorePodResponse;
import io.crirouter.testkit.FakeRuntime;
import io.grpc.Status.Code;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The placement of new pods, and the pods that are refused. */
class PlacementTest {
  private static void assertRunsOnlyOn(FakeRuntime expected, Node node) {
    FakeRuntime other = expected == node.virtlet ? node.containerd : node.virtlet;
    assertThat(expected.pods()).as("pods of %s", expected).hasSize(1);
    assertThat(other.journal().callsOf("RunPodSandbox")).as("calls to %s", other).isEmpty();
  }

  @Test
  void aPodIsRoutedByItsAnnotation() {
    Node node = Node.create();

    node.run(Pods.on(VIRTLET, "a"));

    assertRunsOnlyOn(node.virtlet, node);
  }

  @Test
  void aPodCanBeRoutedToThePrimaryByItsAnnotation() {
    Node node = Node.create();

    node.run(Pods.on(CONTAINERD, "a"));

    assertRunsOnlyOn(node.containerd, node);
  }

  @Test
  void aPodWithoutAnnotationIsRoutedToThePrimary() {
    Node node = Node.create();

    node.run(Pods.plain("a"));

    assertRunsOnlyOn(node.containerd, node);
  }

  @Test
  void theAnnotationKeyIsConfigurable() {
    Node node = Node.withPolicy(RoutingPolicy.annotation("example.com/runtime"));

    node.run(Pods.on(CONTAINERD, "a").putAnnotations("example.com/runtime", "virtlet.cloud"));

    assertRunsOnlyOn(node.virtlet, node);
  }

  @Test
  void theDefaultKeyIsIgnoredIfAnotherIsConfigured() {
    Node node = Node.withPolicy(RoutingPolicy.annotation("example.com/runtime"));

    node.run(Pods.on(VIRTLET, "a"));

    assertRunsOnlyOn(node.containerd, node);
  }

  @Test
  void anUnknownTargetIsRefusedWithTheKnownNames() {
    Node node = Node.create();

    assertFails(
        () -> node.run(Pods.on("kata", "a")),
        Code.FAILED_PRECONDITION,
        "default/a",
        "kata",
        "containerd",
        "virtlet.cloud");

    assertThat(node.containerd.journal().calls()).isEmpty();
    assertThat(node.virtlet.journal().calls()).isEmpty();
  }

  @Test
  void anInvalidTargetIsRefusedLikeAnUnknownOne() {
    Node node = Node.create();

    assertFails(
        () -> node.run(Pods.on("Virtlet Cloud", "a")),
        Code.FAILED_PRECONDITION,
        "kubernetes.io/target-runtime",
        "Virtlet Cloud",
        "virtlet.cloud");

    assertThat(node.containerd.pods()).isEmpty();
  }

  @Test
  void aFailedPolicyIsAnErrorWithoutAPlacement() {
    Node node =
        Node.withPolicy(
            pod -> {
              throw new IllegalStateException("no table");
            });

    assertFails(() -> node.run(Pods.plain("a")), Code.INTERNAL, "default/a", "no table");

    assertThat(node.containerd.pods()).isEmpty();
  }

  static Stream<Arguments> policies() {
    RoutingPolicy hostAccess = RoutingPolicy.hostAccess(VIRTLET);
    return Stream.of(
        Arguments.of(
            "label",
            RoutingPolicy.label("vm", Map.of("yes", VIRTLET)),
            Pods.plain("a").putLabels("vm", "yes"),
            Pods.plain("b").putLabels("vm", "no")),
        Arguments.of(
            "namespace",
            RoutingPolicy.namespace(Map.of("vms", VIRTLET)),
            inNamespace("vms"),
            inNamespace("default")),
        Arguments.of(
            "host network",
            hostAccess,
            namespaces(NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE)),
            namespaces(NamespaceOption.newBuilder().setNetwork(NamespaceMode.POD))),
        Arguments.of(
            "host process ids",
            hostAccess,
            namespaces(NamespaceOption.newBuilder().setPid(NamespaceMode.NODE)),
            namespaces(NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER))),
        Arguments.of(
            "host IPC",
            hostAccess,
            namespaces(NamespaceOption.newBuilder().setIpc(NamespaceMode.NODE)),
            namespaces(NamespaceOption.newBuilder())),
        Arguments.of("privileged", hostAccess, privileged(true), privileged(false)));
  }

  private static PodSandboxConfig.Builder inNamespace(String namespace) {
    PodSandboxConfig.Builder pod = Pods.plain("a");
    pod.getMetadataBuilder().setNamespace(namespace);
    return pod;
  }

  private static PodSandboxConfig.Builder namespaces(NamespaceOption.Builder options) {
    return secured(LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(options));
  }

  private static PodSandboxConfig.Builder privileged(boolean privileged) {
    return secured(LinuxSandboxSecurityContext.newBuilder().setPrivileged(privileged));
  }

  private static PodSandboxConfig.Builder secured(LinuxSandboxSecurityContext.Builder security) {
    return Pods.plain("a")
        .setLinux(LinuxPodSandboxConfig.newBuilder().setSecurityContext(security));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("policies")
  void policiesDecideBy(
      String what,
      RoutingPolicy policy,
      PodSandboxConfig.Builder claimed,
      PodSandboxConfig.Builder unclaimed) {
    Node node = Node.withPolicy(policy);
    node.run(claimed);
    assertRunsOnlyOn(node.virtlet, node);

    Node other = Node.withPolicy(policy);
    other.run(unclaimed);
    assertRunsOnlyOn(other.containerd, other);
  }

  @Test
  void theFirstDecisionCounts() {
    Node node =
        Node.withPolicy(
            RoutingPolicy.firstOf(
                RoutingPolicy.hostAccess(CONTAINERD),
                RoutingPolicy.annotation(),
                RoutingPolicy.always(VIRTLET)));

    node.run(privileged(true).putAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, "x"));
    node.run(Pods.on(CONTAINERD, "b"));
    node.run(Pods.plain("c"));

    assertThat(node.containerd.pods())
        .extracting(pod -> pod.getMetadata().getName())
        .containsExactly("a", "b");
    assertThat(node.virtlet.pods())
        .extracting(pod -> pod.getMetadata().getName())
        .containsExactly("c");
  }

  @Test
  void aRestoredPodIsRoutedLikeANewOne() {
    Node node = Node.create();
    String pod = node.runOnVirtlet("a");
    node.start(pod, "main");
    node.client
        .runtime()
        .checkpointPod(
            CheckpointPodRequest.newBuilder().setPodSandboxId(pod).setOutputPath("/a.tar").build());
    node.remove(pod);

    RestorePodResponse restored =
        node.client
            .runtime()
            .restorePod(
                RestorePodRequest.newBuilder()
                    .setCheckpointPath("/a.tar")
                    .setConfig(Pods.on(VIRTLET, "a"))
                    .build());

    assertThat(node.containerd.journal().calls()).isEmpty();
    assertThat(node.podStatus(restored.getPodSandboxId()).getMetadata().getName()).isEqualTo("a");
    assertThat(restored.getPodSandboxId()).startsWith("virt__");
    assertThat(restored.getRestoredContainers(0).getContainerId()).startsWith("virt__");
  }
}
