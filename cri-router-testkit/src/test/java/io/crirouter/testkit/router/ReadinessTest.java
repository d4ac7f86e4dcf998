package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendState;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.grpc.Status;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A secondary is ready, and gets its first pod, when it has listed its pods and containers. */
class ReadinessTest {
  private static final Duration MAX_BACK_OFF = Duration.ofSeconds(7);

  private static BackendState virtlet(Node node) {
    return node.router.backends().get(1);
  }

  private static void assertNotReady(Node node, Phase phase, String rpc) {
    assertThat(virtlet(node).phase()).isEqualTo(phase);
    assertThat(virtlet(node).reason()).contains(rpc);
    assertFails(() -> node.runOnVirtlet("new"), Status.Code.UNAVAILABLE, "virtlet.cloud", rpc);
    assertThat(node.virtlet.journal().callsOf("RunPodSandbox")).isEmpty();
  }

  private static void assertBecomesReady(Node node) {
    node.clock.advance(MAX_BACK_OFF);
    assertThat(virtlet(node).phase()).isEqualTo(Phase.READY);
    assertThat(node.runOnVirtlet("new")).startsWith("virt__");
  }

  @ParameterizedTest
  @CsvSource({
    "ListPodSandbox, INTERNAL",
    "ListPodSandbox, UNAVAILABLE",
    "ListContainers, UNKNOWN",
    "ListContainers, PERMISSION_DENIED"
  })
  void aSecondaryWithFailingListsIsNotReady(String rpc, Code code) {
    Node node = Node.builder().virtletStartsLate().build();
    node.virtlet.failAlways(rpc, RpcStatus.of(code, "the store is locked"));
    node.virtlet.up();

    assertNotReady(node, Phase.NEVER_SEEN, rpc);
    assertThat(virtlet(node).reason()).contains("the store is locked");

    node.virtlet.heal();
    assertBecomesReady(node);
  }

  @ParameterizedTest
  @EnumSource
  void aSecondaryWithAMalformedFirstListIsNotReady(MalformedList how) {
    AlteredResponses interceptor = new AlteredResponses();
    Node node = Node.builder().virtletStartsLate().beforeVirtlet(interceptor::of).build();
    interceptor.replaceLists(ListRpc.Kind.CONTAINER, how.answer(ListRpc.Kind.CONTAINER));
    node.virtlet.up();

    assertNotReady(node, Phase.NEVER_SEEN, "ListContainers");

    interceptor.reset();
    assertBecomesReady(node);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ListPodSandbox", "ListContainers"})
  void aSecondaryThatHangsInItsFirstListIsNotReady(String rpc) {
    Node node = Node.builder().virtletStartsLate().build();
    node.virtlet.hang(rpc);
    node.virtlet.up();
    node.clock.advance(Duration.ofSeconds(6));

    assertNotReady(node, Phase.NEVER_SEEN, rpc);

    node.virtlet.resume();
    assertBecomesReady(node);
  }

  /** Also for Version: the timeouts of transport and router race. */
  @ParameterizedTest
  @ValueSource(strings = {"Version", "ListPodSandbox", "ListContainers"})
  void aTransportTimeoutIsTreatedAsAHang(String rpc) {
    Node node = Node.builder().virtletStartsLate().build();
    node.virtlet.delay(rpc, Duration.ofMillis(4900));
    node.virtlet.loseNextAnswer(rpc);
    node.virtlet.up();
    node.clock.advance(Duration.ofMillis(4950));

    assertThat(virtlet(node).phase()).isEqualTo(Phase.NEVER_SEEN);
    RawCall pod =
        RawCall.start(
            node.router,
            "RunPodSandbox",
            RunPodSandboxRequest.newBuilder()
                .setConfig(Pods.on(VIRTLET, "a"))
                .build()
                .toByteString());
    assertThat(pod.isClosed()).as("a call to a runtime that hangs does not wait").isTrue();
  }

  @Test
  void aSecondaryThatIsNotReadyIsProbedWithBackOff() {
    Node node = Node.builder().virtletStartsLate().build();
    node.virtlet.failAlways("ListContainers", RpcStatus.of(Code.INTERNAL, "the store is locked"));
    node.virtlet.up();
    node.virtlet.journal().clear();

    node.clock.advance(Duration.ofMinutes(1));

    assertThat(node.virtlet.journal().callsOf("Version")).hasSizeBetween(10, 25);
  }

  @Test
  void aSecondaryThatIsNotReadyIsNotInLists() throws Exception {
    Node node = Node.builder().virtletStartsLate().build();
    String pod = node.runOnContainerd("plain");
    node.virtlet.failAlways("ListContainers", RpcStatus.of(Code.INTERNAL, "the store is locked"));
    node.virtlet.up();

    assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router)).containsExactly(pod);
    assertThat(ListRpc.STREAM_POD_SANDBOXES.idsAtOnce(node.router)).containsExactly(pod);
    assertThat(ListRpc.LIST_CONTAINERS.idsAtOnce(node.router)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ListPodSandbox", "ListContainers"})
  void aReturnedSecondaryThatCannotListStaysLost(String rpc) throws Exception {
    Node node = Node.create();
    String pod = node.runOnVirtlet("old");
    String container = node.start(pod, "main");
    node.virtlet.down();
    node.virtlet.failAlways(rpc, RpcStatus.of(Code.INTERNAL, "the store is locked"));
    node.virtlet.journal().clear();
    node.virtlet.up();

    assertNotReady(node, Phase.LOST, rpc);
    assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router)).containsExactly(pod);
    assertThat(ListRpc.LIST_CONTAINERS.idsAtOnce(node.router)).containsExactly(container);

    node.virtlet.heal();
    assertBecomesReady(node);
  }

  @Test
  void aSecondaryThatDoesNotImplementListsIsReady() {
    Node node =
        Node.builder()
            .virtlet(
                fake ->
                    fake.without(
                        "ListPodSandbox", "StreamPodSandboxes", "ListContainers", "ListImages"))
            .build();

    assertThat(virtlet(node).phase()).isEqualTo(Phase.READY);
    assertThat(node.runOnVirtlet("first")).startsWith("virt__");
  }

  @Test
  void aFailingImageListDoesNotPreventReadiness() {
    Node node = Node.builder().virtletStartsLate().build();
    node.virtlet.failAlways("ListImages", RpcStatus.of(Code.INTERNAL, "the store is locked"));
    node.virtlet.up();

    assertThat(virtlet(node).phase()).isEqualTo(Phase.READY);
    assertThat(node.runOnVirtlet("first")).startsWith("virt__");
  }

  @Test
  void thePrimaryIsReadyWhenItAnswersVersion() {
    Node node = Node.create();
    node.containerd.down();
    node.containerd.failAlways(
        "ListPodSandbox", RpcStatus.of(Code.INTERNAL, "the store is locked"));
    node.containerd.up();

    assertThat(node.router.backends().get(0).name()).isEqualTo(CONTAINERD);
    assertThat(node.router.backends().get(0).phase()).isEqualTo(Phase.READY);
    assertThat(node.runOnContainerd("plain")).doesNotContain("__");
    assertThat(node.runOnVirtlet("special")).startsWith("virt__");
    assertThat(virtlet(node).name()).isEqualTo(VIRTLET);
  }
}
