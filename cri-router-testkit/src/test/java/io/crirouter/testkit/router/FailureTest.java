package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.testkit.RecordedCall;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Late, lost, hung and malformed runtimes, in calls to one runtime and in merged calls. */
class FailureTest {
  private final Node node = Node.create();

  private static RawCall call(Node node, String rpc) {
    return RawCall.start(node.router, rpc, ByteString.EMPTY);
  }

  @Test
  void aRuntimeThatWasNeverSeenHasNoPods() {
    Node late = Node.builder().virtletStartsLate().build();
    String plain = late.runOnContainerd("a");

    assertThat(late.pods()).containsExactly(plain);
    assertThat(
            late.client
                .runtime()
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersList())
        .isEmpty();
  }

  @Test
  void podsForARuntimeThatWasNeverSeenFailWithItsAddress() {
    Node late = Node.builder().virtletStartsLate().build();

    assertFails(
        () -> late.runOnVirtlet("a"), Code.UNAVAILABLE, "virtlet.cloud", late.virtlet.address());
    assertThat(late.containerd.pods()).as("pods of other runtimes").isEmpty();
  }

  @Test
  void aLateRuntimeIsUsedAtOnce() {
    Node late = Node.builder().virtletStartsLate().build();

    late.virtlet.up();

    assertThat(late.runOnVirtlet("a")).startsWith("virt__");
  }

  @Test
  void idsOfALostRuntimeAreNeverAnsweredByAnother() {
    String pod = node.runOnVirtlet("a");
    String container = node.start(pod, "main");
    node.containerd.journal().clear();
    node.virtlet.down();
    node.clock.advance(Duration.ofSeconds(3));

    String[] words = {"virtlet.cloud", node.virtlet.address(), "lost since 00:00:00Z"};
    assertFails(() -> node.podStatus(pod), Code.UNAVAILABLE, words);
    assertFails(() -> node.containerStatus(container), Code.UNAVAILABLE, words);
    assertFails(() -> node.remove(pod), Code.UNAVAILABLE, words);
    assertThat(node.containerd.journal().calls()).isEmpty();
  }

  @Test
  void aReturnedRuntimeHasItsPods() {
    String pod = node.runOnVirtlet("a");
    node.virtlet.down();
    assertFails(() -> node.podStatus(pod), Code.UNAVAILABLE, "virtlet.cloud");

    node.virtlet.up();

    assertThat(node.podStatus(pod).getId()).isEqualTo(pod);
    assertThat(node.pods()).containsExactly(pod);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ListPodSandbox",
        "ListContainers",
        "ListImages",
        "ListContainerStats",
        "ListPodSandboxStats",
        "ListPodSandboxMetrics",
        "ListMetricDescriptors",
        "ImageFsInfo",
        "StreamPodSandboxes",
        "StreamContainers",
        "StreamImages"
      })
  void anErrorOfThePrimaryIsPassedOnUnchanged(String rpc) {
    RpcStatus error =
        RpcStatus.fromRuntime(
            RpcStatus.Code.DATA_LOSS,
            "bolt: page 7 is corrupt",
            CallMetadata.EMPTY.with("x-page", ByteString.copyFromUtf8("7")));
    node.containerd.failNext(rpc, error);

    assertThat(call(node, rpc).status()).isEqualTo(error);
  }

  @ParameterizedTest
  @CsvSource({
    "ListPodSandbox, 500",
    "ListContainers, 500",
    "StreamPodSandboxes, 500",
    "StreamContainers, 500",
    "ListImages, 5000",
    "StreamImages, 5000",
    "ImageFsInfo, 5000",
    "ListContainerStats, 5000",
    "ListPodSandboxStats, 5000",
    "StreamContainerStats, 5000",
    "ListMetricDescriptors, 5000",
    "ListPodSandboxMetrics, 5000"
  })
  void mergedCallsWaitForAHungSecondaryWithinTheBudget(String rpc, int budgetMillis) {
    node.virtlet.hang(rpc);

    RawCall list = call(node, rpc);

    node.clock.advance(Duration.ofMillis(budgetMillis - 1));
    assertThat(list.isClosed()).as("just before").isFalse();
    node.clock.advance(Duration.ofMillis(1));
    assertThat(list.isClosed()).as("when the budget is spent").isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ImageFsInfo",
        "ListContainerStats",
        "ListPodSandboxStats",
        "StreamContainerStats",
        "ListMetricDescriptors",
        "ListPodSandboxMetrics"
      })
  void aSecondaryThatWasNeverSeenIsLeftOut(String rpc) throws Exception {
    node.start(node.runOnContainerd("a"), "main");
    node.start(node.runOnVirtlet("b"), "main");
    node.virtlet.hang(rpc);
    Node late = Node.builder().virtletStartsLate().build();
    late.start(late.runOnContainerd("a"), "main");

    RawCall list = call(node, rpc);
    node.clock.advance(Duration.ofSeconds(5));

    assertThat(list.answer()).isNotEqualTo(ByteString.EMPTY);
    assertThat(list.message())
        .as("as if there were no secondary")
        .isEqualTo(call(late, rpc).message());
  }

  @Test
  void callsWaitForAHungPrimaryUntilTheirDeadline() {
    node.containerd.hang("ListPodSandbox");

    RawCall list = call(node, "ListPodSandbox");
    node.clock.advance(Duration.ofSeconds(60));
    assertThat(list.isClosed()).isFalse();
    node.containerd.resume();

    list.answer();
  }

  @Test
  void aHungSecondaryDoesNotDelayCallsToOthers() {
    node.virtlet.hang();

    assertThat(node.runOnContainerd("a")).isNotEmpty();
  }

  @Test
  void aCallToOneRuntimeWaitsUntilItsDeadline() {
    String pod = node.runOnVirtlet("a");
    node.virtlet.hang("StopPodSandbox");

    RawCall stop =
        RawCall.start(
            node.router,
            "StopPodSandbox",
            StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build().toByteString());
    node.clock.advance(Duration.ofMinutes(2));
    assertThat(stop.isClosed()).isFalse();
    node.virtlet.resume();

    stop.answer();
  }

  @Test
  void cancellationReachesAllRuntimes() {
    node.containerd.hang("ListImages");
    node.virtlet.hang("ListImages");

    RawCall list = call(node, "ListImages");
    list.cancel();

    assertThat(list.status().code()).isEqualTo(RpcStatus.Code.CANCELLED);
    assertThat(node.containerd.journal().takeCall("ListImages").awaitStatus().code())
        .isEqualTo(RpcStatus.Code.CANCELLED);
    assertThat(node.virtlet.journal().takeCall("ListImages").awaitStatus().code())
        .isEqualTo(RpcStatus.Code.CANCELLED);
  }

  @Test
  void deadlineAndHeadersArePassedOn() {
    CallMetadata headers =
        CallMetadata.EMPTY.with("traceparent", ByteString.copyFromUtf8("00-1-2-01"));
    CriRequest request =
        CriRequest.of(CriMethod.of("ListImages"), ByteString.EMPTY)
            .withTimeoutNanos(7_000_000_000L)
            .withMetadata(headers);

    RawCall.start(node.router, request).answer();

    for (RecordedCall call :
        List.of(
            node.containerd.journal().takeCall("ListImages"),
            node.virtlet.journal().takeCall("ListImages"))) {
      assertThat(call.timeoutNanos()).isEqualTo(7_000_000_000L);
      assertThat(call.metadata()).isEqualTo(headers);
    }
  }

  @Test
  void aMalformedResponseNamesItsRuntime() {
    String pod = node.runOnVirtlet("a");
    node.virtlet.respondWithBytes("PodSandboxStatus", ByteString.fromHex("0aff"));

    assertFails(
        () -> node.podStatus(pod), Code.INTERNAL, "virtlet.cloud", "PodSandboxStatus", "malformed");
  }
}
