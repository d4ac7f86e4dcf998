package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.ImageCalls.requestedImages;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.testkit.FakeRuntime;
import io.grpc.Status.Code;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Policies with known targets, which are checked against the configured runtimes. */
class PolicyTargetsTest {
  private static final BackendName KATA = BackendName.of("kata");
  private static final String KEY = "example.com/isolation";

  static Stream<RoutingPolicy> policiesForKata() {
    Map<String, BackendName> table = Map.of("x", KATA);
    return Stream.of(
        RoutingPolicy.annotation(KEY, table),
        RoutingPolicy.annotation(KEY, Map.of()).withOtherValuesTo(KATA),
        RoutingPolicy.runtimeHandler(table),
        RoutingPolicy.imagePrefix(table),
        RoutingPolicy.namespace(table),
        RoutingPolicy.label("l", table),
        RoutingPolicy.hostAccess(KATA),
        RoutingPolicy.weighted(Map.of(CONTAINERD, 1, KATA, 1)),
        RoutingPolicy.always(KATA),
        RoutingPolicy.firstOf(RoutingPolicy.annotation(), RoutingPolicy.always(KATA)));
  }

  @ParameterizedTest
  @MethodSource("policiesForKata")
  void aPolicyForAnUnconfiguredRuntimeIsRefusedAtStart(RoutingPolicy policy) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Node.withPolicy(policy))
        .withMessageContainingAll(policy.toString(), "[kata]", "containerd, virtlet.cloud");
  }

  @ParameterizedTest
  @MethodSource("policiesForKata")
  void aPolicyForAnExpectedRuntimeIsAccepted(RoutingPolicy policy) {
    Node node = Node.builder().configure(b -> b.policy(policy).expect(KATA)).build();

    assertThat(node.router.backends()).hasSize(2);
  }

  @Test
  void podsForAnExpectedRuntimeAreRefusedUntilItIsAdded() {
    Node node =
        Node.builder().configure(b -> b.policy(RoutingPolicy.always(KATA)).expect(KATA)).build();
    assertFails(() -> node.run(Pods.plain("a")), Code.FAILED_PRECONDITION, "kata", "containerd");

    FakeRuntime kata = FakeRuntime.create("kata");
    node.router.add(KATA, kata, BackendOptions.DEFAULT);

    assertThat(node.run(Pods.plain("a"))).startsWith("kata__");
    assertThat(kata.pods()).hasSize(1);
  }

  @Test
  void aPolicyWhoseTargetIsRemovedIsReportedAndItsPodsAreRefused() {
    Node node = Node.withPolicy(RoutingPolicy.always(VIRTLET));
    try (CapturedExceptions log = new CapturedExceptions()) {
      node.router.remove(VIRTLET).toCompletableFuture().join();

      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("always(virtlet.cloud)", "runtime virtlet.cloud", "removed");
    }
    assertFails(() -> node.run(Pods.plain("a")), Code.FAILED_PRECONDITION, "virtlet.cloud");
  }

  @Test
  void annotationValuesAreMapped() {
    Node node = Node.withPolicy(RoutingPolicy.annotation(KEY, Map.of("vm", VIRTLET)));

    assertThat(node.run(Pods.plain("a").putAnnotations(KEY, "vm"))).startsWith("virt__");
    assertThat(node.run(Pods.plain("b"))).as("not annotated").doesNotStartWith("virt__");
  }

  @Test
  void anUnknownValueIsRefusedWithTheKnownValues() {
    Node node =
        Node.withPolicy(RoutingPolicy.annotation(KEY, Map.of("vm", VIRTLET, "none", CONTAINERD)));

    assertFails(
        () -> node.run(Pods.plain("a").putAnnotations(KEY, "VM")),
        Code.FAILED_PRECONDITION,
        "default/a",
        KEY,
        "'VM'",
        "none, vm");
    assertThat(node.containerd.pods()).isEmpty();
  }

  @Test
  void unknownValuesCanBeRoutedToOneRuntime() {
    Node node =
        Node.withPolicy(
            RoutingPolicy.annotation(KEY, Map.of("none", CONTAINERD)).withOtherValuesTo(VIRTLET));

    assertThat(node.run(Pods.plain("a").putAnnotations(KEY, "x"))).startsWith("virt__");
    assertThat(node.run(Pods.plain("b"))).as("not annotated").doesNotStartWith("virt__");
  }

  @Test
  void unknownValuesCanBeLeftToTheNextPolicy() {
    Node node =
        Node.withPolicy(
            RoutingPolicy.firstOf(
                RoutingPolicy.annotation(KEY, Map.of("none", CONTAINERD)).withOtherValuesIgnored(),
                RoutingPolicy.label("vm", Map.of("yes", VIRTLET))));

    assertThat(node.run(Pods.plain("a").putAnnotations(KEY, "x").putLabels("vm", "yes")))
        .startsWith("virt__");
    assertThat(node.run(Pods.plain("b").putAnnotations(KEY, "x"))).doesNotStartWith("virt__");
  }

  @Test
  void imagePrefixesRouteCallsWithoutAPod() {
    Node node =
        Node.builder()
            .images(ImageStrategy.shared())
            .policy(
                RoutingPolicy.imagePrefix(
                    Map.of("vm.example/", VIRTLET, "vm.example/plain/", CONTAINERD)))
            .build();
    ImageCalls images = new ImageCalls(node.client);

    images.pull(ImageCalls.bare("vm.example/a"));
    images.pull(ImageCalls.bare("vm.example/plain/b"));
    images.pull(ImageCalls.bare("c"));
    images.pull(ImageCalls.of(Pods.plain("a"), "vm.example/of-a-pod"));

    assertThat(requestedImages(node.virtlet, "PullImage")).containsExactly("vm.example/a");
    assertThat(requestedImages(node.containerd, "PullImage"))
        .containsExactly("vm.example/plain/b", "c", "vm.example/of-a-pod");
  }

  @Test
  void aWeightOfZeroKeepsPodsAndGetsNoNewOnes() {
    AtomicReference<RoutingPolicy> policy =
        new AtomicReference<>(RoutingPolicy.weighted(Map.of(CONTAINERD, 1)));
    Node node = Node.withPolicy(pod -> policy.get().forPod(pod));
    String before = node.run(Pods.plain("a"));
    policy.set(RoutingPolicy.weighted(Map.of(CONTAINERD, 0, VIRTLET, 1)));

    assertThat(node.run(Pods.plain("b"))).startsWith("virt__");
    assertThat(node.run(Pods.nextSandboxOf(Pods.plain("a"))))
        .as("its next sandbox")
        .isNotEqualTo(before);
    assertThat(node.containerd.pods())
        .extracting(pod -> pod.getMetadata().getName())
        .containsExactly("a", "a");
  }

  @Test
  void policiesHaveDescriptiveNames() {
    assertThat(policiesForKata().map(Object::toString))
        .allMatch(name -> name.contains("kata"))
        .doesNotHaveDuplicates();
    assertThat(RoutingPolicy.annotation()).hasToString("annotation(kubernetes.io/target-runtime)");
  }
}
