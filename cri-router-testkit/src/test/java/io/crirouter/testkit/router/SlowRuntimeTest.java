package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.RecordedCall;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists wait for a hung runtime within their budget a few times, then not at all. */
class SlowRuntimeTest {
  private static final Duration BUDGET = Duration.ofMillis(500);
  private static final Duration BULK_BUDGET = Duration.ofSeconds(5);
  private static final String UNKNOWN_IMAGE = "sha256:" + "0".repeat(64);
  private static final Duration UNTIL_LOST = Duration.ofSeconds(16);

  private final SimulatedNode node = SimulatedNode.start();
  private final String plain = node.runPod("web", PRIMARY);
  private final String marked = node.runPod("vm", VIRTLET);

  @AfterEach
  void stop() {
    node.close();
  }

  private RawCall list() {
    return RawCall.start(node.router(), "ListPodSandbox", ByteString.EMPTY);
  }

  private static List<String> ids(RawCall list) throws InvalidProtocolBufferException {
    return ListPodSandboxResponse.parseFrom(list.answer()).getItemsList().stream()
        .map(PodSandbox::getId)
        .toList();
  }

  @Test
  void aListWaitsForItsBudgetAndIsComplete() throws Exception {
    node.virtlet().hang();

    RawCall list = list();
    assertThat(list.isClosed()).as("at once").isFalse();
    node.advance(BUDGET.minusMillis(1));
    assertThat(list.isClosed()).as("just before the budget is spent").isFalse();
    node.advance(Duration.ofMillis(1));

    assertThat(ids(list)).containsExactly(plain, marked);
  }

  @Test
  void afterThreeMissesListsDoNotWait() throws Exception {
    node.virtlet().hang("ListPodSandbox", "ListContainers");
    for (int i = 0; i < 3; i++) {
      RawCall slow = list();
      node.advance(BUDGET);
      assertThat(slow.isClosed()).isTrue();
    }

    assertThat(ids(list())).as("at once").containsExactly(plain, marked);
  }

  @Test
  void afterOneMissListsDoNotWaitIfVersionIsUnansweredToo() throws Exception {
    node.virtlet().hang();
    list();
    node.advance(BUDGET);
    assertThat(containers().isClosed()).as("as long as Version may be answered").isFalse();
    node.advance(BUDGET);

    assertThat(ids(list())).as("at once").containsExactly(plain, marked);
    assertThat(containers().isClosed()).as("other lists, at once").isTrue();

    node.virtlet().resume();
    node.virtlet().delay("ListPodSandbox", BUDGET.minusMillis(1));
    RawCall slow = list();
    assertThat(slow.isClosed()).as("after it has answered Version").isFalse();
    node.advance(BUDGET);
    assertThat(ids(slow)).containsExactly(plain, marked);
  }

  private RawCall containers() {
    return RawCall.start(node.router(), "ListContainers", ByteString.EMPTY);
  }

  @Test
  void backgroundListsDoNotPileUpAtAHungRuntime() {
    node.virtlet().hang("ListPodSandbox");
    for (int i = 0; i < 3; i++) {
      list();
      node.advance(BUDGET);
    }
    node.virtlet().journal().clear();

    for (int i = 0; i < 50; i++) {
      assertThat(list().isClosed()).isTrue();
    }

    assertThat(node.virtlet().journal().callsOf("ListPodSandbox")).hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void aLateResponseRefreshesTheInventory() throws Exception {
    node.virtlet().delay("ListPodSandbox", Duration.ofSeconds(2));
    String another = directPod("another");

    RawCall before = list();
    node.advance(BUDGET);
    assertThat(ids(before)).as("before the late answer").containsExactly(plain, marked);
    node.advance(Duration.ofSeconds(2));
    node.virtlet().down();

    assertThat(ids(list())).as("after it").containsExactly(plain, marked, "virt__" + another);
  }

  @Test
  void aMissingResponseIsAwaitedInTheBackgroundUntilTheLoss() throws Exception {
    node.virtlet().journal().clear();
    node.virtlet().hang("ListPodSandbox");
    RawCall list = list();
    node.advance(BUDGET);
    assertThat(list.isClosed()).isTrue();
    RecordedCall late = node.virtlet().journal().takeCall("ListPodSandbox");

    node.advance(Duration.ofMinutes(2));
    assertThat(late.status()).as("its answer would still be of use").isEmpty();
    node.virtlet().hang();
    node.advance(UNTIL_LOST);

    assertThat(late.awaitStatus().code()).isEqualTo(RpcStatus.Code.CANCELLED);
  }

  @Test
  void noTasksAreLeftAfterALateResponse() {
    int idle = node.pendingTasks();
    node.virtlet().delay("ListImages", Duration.ofSeconds(8));
    RawCall images = RawCall.start(node.router(), "ListImages", ByteString.EMPTY);
    node.advance(Duration.ofSeconds(5));
    assertThat(images.isClosed()).isTrue();

    node.advance(Duration.ofSeconds(3));

    assertThat(node.pendingTasks()).isEqualTo(idle);
  }

  private String directPod(String name) {
    try (var direct = CriClient.of(node.virtlet())) {
      return direct
          .runtime()
          .runPodSandbox(
              RunPodSandboxRequest.newBuilder().setConfig(SimulatedNode.pod(name, VIRTLET)).build())
          .getPodSandboxId();
    }
  }

  @Test
  void callsToOtherRuntimesAreNotDelayed() {
    node.virtlet().hang();

    String other = node.runPod("other", PRIMARY);

    assertThat(other).doesNotContain("__");
  }

  @Test
  void aHungRuntimeIsLostAfterFiveSecondsAndRecovers() throws Exception {
    node.virtlet().hang();
    node.advance(UNTIL_LOST);
    assertThat(ids(list())).as("while it is lost").containsExactly(plain, marked);

    node.virtlet().resume();
    node.advance(Duration.ofSeconds(11));
    node.virtlet().journal().clear();

    assertThat(ids(list())).containsExactly(plain, marked);
    assertThat(node.virtlet().journal().callsOf("ListPodSandbox")).as("a current list").hasSize(1);
  }

  @Test
  void listsWaitAgainAfterABackgroundResponse() throws Exception {
    node.virtlet().hang("ListPodSandbox");
    for (int i = 0; i < 4; i++) {
      list();
      node.advance(BUDGET);
    }
    node.virtlet().resume();
    String another = directPod("another");
    node.virtlet().delay("ListPodSandbox", BUDGET.minusMillis(1));

    RawCall slow = list();
    assertThat(slow.isClosed()).as("at once").isFalse();
    node.advance(BUDGET.minusMillis(1));

    assertThat(ids(slow)).containsExactly(plain, marked, "virt__" + another);
  }

  @Test
  void hungListsDoNotDelayAlthoughOthersAreAnswered() throws Exception {
    node.virtlet().hang("ListPodSandbox");
    for (int i = 0; i < 3; i++) {
      RawCall slow = list();
      node.advance(BUDGET);
      assertThat(slow.isClosed()).isTrue();
      assertThat(node.containers()).as("answered by both").isEmpty();
    }

    assertThat(ids(list())).as("at once").containsExactly(plain, marked);
  }

  private RawCall bulk(String rpc) {
    return RawCall.start(
        node.router(), rpc, rpc.equals("ImageStatus") ? image(UNKNOWN_IMAGE) : ByteString.EMPTY);
  }

  private void missThreeTimes(String rpc) {
    for (int i = 0; i < 3; i++) {
      RawCall slow = bulk(rpc);
      node.advance(BULK_BUDGET.minusMillis(1));
      assertThat(slow.isClosed()).as("just before the budget is spent").isFalse();
      node.advance(Duration.ofMillis(1));
      assertThat(slow.isClosed()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ImageFsInfo",
        "ImageStatus",
        "ListContainerStats",
        "ListPodSandboxStats",
        "ListPodSandboxMetrics",
        "ListMetricDescriptors",
        "StreamContainerStats"
      })
  void aRuntimeHungInOneRpcIsNotWaitedForInItUntilItAnswers(String rpc) {
    node.virtlet().hang(rpc);
    missThreeTimes(rpc);
    node.advance(Duration.ofMinutes(1));
    node.virtlet().journal().clear();

    for (int i = 0; i < 50; i++) {
      assertThat(bulk(rpc).isClosed()).as("at once").isTrue();
    }
    assertThat(node.virtlet().journal().callsOf(rpc)).as("in the background").hasSize(1);

    node.virtlet().resume();
    node.virtlet().delay(rpc, BULK_BUDGET.minusMillis(1));
    RawCall patient = bulk(rpc);
    assertThat(patient.isClosed()).as("after it has answered").isFalse();
    node.advance(BULK_BUDGET.minusMillis(1));
    patient.answer();
  }

  @Test
  void responsesThatAreAlwaysLateAreNotWaitedFor() {
    node.virtlet().delay("ListContainerStats", BULK_BUDGET.plusSeconds(1));
    missThreeTimes("ListContainerStats");
    node.advance(Duration.ofMinutes(1));

    assertThat(bulk("ListContainerStats").isClosed()).as("at once").isTrue();
  }

  @Test
  void aRuntimeHungInOneRpcIsWaitedForInOthers() {
    node.virtlet().hang("ListContainerStats");
    missThreeTimes("ListContainerStats");
    node.virtlet().delay("ImageFsInfo", BULK_BUDGET.minusMillis(1));

    RawCall info = bulk("ImageFsInfo");

    assertThat(info.isClosed()).isFalse();
    node.advance(BULK_BUDGET);
    info.answer();
  }

  @Test
  void imagesOfARuntimeThatIsNotWaitedForAreNotReportedAsAbsent() {
    String here = node.runtime(PRIMARY).pullImage("nginx").getId();
    String there = node.virtlet().pullImage("cirros").getId();
    bulk("ListImages").answer();
    node.virtlet().hang("ImageStatus");
    missThreeTimes("ImageStatus");

    RpcStatus refusal = RawCall.start(node.router(), "ImageStatus", image(there)).status();

    assertThat(bulk("ImageStatus").answer())
        .as("an image that no runtime listed")
        .isEqualTo(ByteString.EMPTY);
    assertThat(refusal.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(refusal.message()).contains(VIRTLET);
    assertThat(RawCall.start(node.router(), "ImageStatus", image(here)).answer().isEmpty())
        .as("what the primary has is found")
        .isFalse();
  }

  @Test
  void aRemovalFailsWhileAHolderIsNotWaitedFor() {
    String there = node.virtlet().pullImage("cirros").getId();
    new ImageCalls(node.client()).list();
    node.virtlet().hang("ImageStatus");
    missThreeTimes("ImageStatus");

    RawCall refused = RawCall.start(node.router(), "RemoveImage", image(there));
    assertThat(refused.status().code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(refused.status().message()).contains(VIRTLET);
    node.virtlet().resume();
    node.advance(Duration.ofSeconds(1));

    RawCall.start(node.router(), "RemoveImage", image(there)).answer();
    assertThat(node.virtlet().images()).noneMatch(left -> left.getId().equals(there));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ListPodSandbox",
        "ListContainers",
        "ListImages",
        "ImageFsInfo",
        "ListContainerStats",
        "ListPodSandboxStats",
        "ListPodSandboxMetrics",
        "ListMetricDescriptors",
        "StreamContainerStats",
        "UpdateRuntimeConfig"
      })
  void aLostHungRuntimeDoesNotDelayCalls(String rpc) {
    node.virtlet().hang();
    node.advance(UNTIL_LOST);

    RawCall call = RawCall.start(node.router(), rpc, ByteString.EMPTY);

    assertThat(call.isClosed()).as("at once").isTrue();
    assertThat(call.status().isOk()).as("%s", call.status()).isTrue();
  }

  @Test
  void imagesOfOthersAreRemovedAtOnceDuringAHang() {
    String here = node.runtime(PRIMARY).pullImage("nginx").getId();
    String there = node.virtlet().pullImage("cirros").getId();
    RawCall.start(node.router(), "ListImages", ByteString.EMPTY).answer();
    node.virtlet().hang();
    node.advance(UNTIL_LOST);

    RawCall removal = RawCall.start(node.router(), "RemoveImage", image(here));
    assertThat(removal.isClosed()).as("at once").isTrue();
    removal.answer();

    RpcStatus refusal = RawCall.start(node.router(), "RemoveImage", image(there)).status();
    assertThat(refusal.code()).as("the one that may have it").isEqualTo(Code.UNAVAILABLE);
    assertThat(refusal.message()).contains(VIRTLET);
  }

  private static ByteString image(String name) {
    return RemoveImageRequest.newBuilder().setImage(ImageCalls.bare(name)).build().toByteString();
  }

  @Test
  void imagesOfOthersAreFoundAtOnceDuringAHang() {
    node.virtlet().hang();
    node.advance(UNTIL_LOST);

    RawCall search = RawCall.start(node.router(), "ImageStatus", image(UNKNOWN_IMAGE));

    assertThat(search.isClosed()).as("at once").isTrue();
    assertThat(search.status().code()).as("it may have it").isEqualTo(Code.UNAVAILABLE);
  }
}
