package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FaultyNode.FAULTY;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.testkit.Reaction;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A secondary that repeatedly fails slowly. After three failures merged calls do not wait for it
 * until it answers. They use the last known state, and it is queried in the background.
 */
class RepeatedFailuresTest {
  private static final int MAX_WAITS = 3;

  /** Below the budget of each rpc. */
  private static final Duration SLOW = Duration.ofMillis(200);

  private static final Duration BUDGET = Duration.ofSeconds(5);
  private static final Duration MAX_STREAM_TIME = Duration.ofMinutes(1);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(30);
  private static final List<String> MERGED =
      List.of(
          "ListPodSandbox",
          "StreamPodSandboxes",
          "ListContainers",
          "StreamContainers",
          "ListImages",
          "StreamImages",
          "ListContainerStats",
          "StreamContainerStats",
          "ListPodSandboxStats",
          "StreamPodSandboxStats",
          "ListPodSandboxMetrics",
          "StreamPodSandboxMetrics",
          "ListMetricDescriptors",
          "ImageFsInfo");

  private final FaultyNode node = new FaultyNode();

  @AfterEach
  void close() {
    node.close();
  }

  static Stream<Arguments> failures() {
    return MERGED.stream()
        .flatMap(
            rpc ->
                Arrays.stream(Fault.values())
                    .filter(fault -> fault != Fault.UNIMPLEMENTED)
                    .filter(fault -> fault != Fault.TRICKLING || rpc.startsWith("Stream"))
                    .filter(fault -> !fault.affectsWholeRuntime() && fault.appliesTo(rpc))
                    .map(fault -> Arguments.of(rpc, fault)));
  }

  private RawCall start(String rpc) {
    return RawCall.start(node.router(), rpc, ByteString.EMPTY);
  }

  private void begin(Fault fault, String rpc) {
    fault.begin(node, rpc);
    node.faulty().delay(rpc, SLOW);
    fault
        .status()
        .ifPresent(
            status ->
                node.faulty()
                    .dispatch(
                        call ->
                            call.name().equals(rpc)
                                ? Optional.of(Reaction.fail(status).after(SLOW))
                                : Optional.empty()));
  }

  private ByteString failSlowly(String rpc) {
    RawCall call = start(rpc);
    assertThat(call.isClosed()).as("%s before it has failed", rpc).isFalse();
    node.clock().advance(BUDGET);
    return call.answer();
  }

  private int requestCount(String rpc) {
    return node.faulty().journal().callsOf(rpc).size();
  }

  @ParameterizedTest(name = "{0} × {1}")
  @MethodSource("failures")
  void mergedCallsDoNotWaitForARepeatedlyFailingRuntime(String rpc, Fault fault) {
    begin(fault, rpc);
    ByteString without = ByteString.EMPTY;
    for (int i = 0; i < MAX_WAITS; i++) {
      without = failSlowly(rpc);
    }

    RawCall next = start(rpc);
    assertThat(next.isClosed()).as("at once").isTrue();
    // Stats differ only in their timestamps.
    assertThat(next.answer().size()).as("length of the answer").isEqualTo(without.size());
    assertThat(node.router().backends().get(1).phase()).isEqualTo(Phase.READY);

    Fault.end(node);
    // An open query that trickles is cancelled after one minute.
    node.clock().advance(fault == Fault.TRICKLING ? MAX_STREAM_TIME : BUDGET);
    node.clock().advance(MAX_PAUSE);
    start(rpc).answer();
    node.faulty().delay(rpc, SLOW);
    RawCall patient = start(rpc);
    assertThat(patient.isClosed()).as("once it has answered in the background").isFalse();
    node.clock().advance(SLOW);
    patient.answer();
  }

  @ParameterizedTest(name = "{0} × {1}")
  @MethodSource("failures")
  void backgroundQueriesTakeAFiftiethOfTheTime(String rpc, Fault fault) {
    begin(fault, rpc);
    for (int i = 0; i < MAX_WAITS; i++) {
      failSlowly(rpc);
    }
    int before = requestCount(rpc);

    for (int second = 0; second < 60; second++) {
      assertThat(start(rpc).isClosed()).as("at once, after %s s", second).isTrue();
      node.clock().advance(Duration.ofSeconds(1));
    }

    assertThat(requestCount(rpc) - before).as("queries of a minute").isBetween(1, 6);
  }

  @ParameterizedTest
  @CsvSource({"ListPodSandbox, ListContainers", "ListContainers, ListPodSandbox"})
  void otherListsDoNotWaitDuringABackgroundQuery(String failing, String other) {
    begin(Fault.ERROR, failing);
    for (int i = 0; i < MAX_WAITS; i++) {
      failSlowly(failing);
    }
    node.faulty().delay(other, SLOW);
    int before = requestCount(other);

    assertThat(start(failing).isClosed()).as("%s at once", failing).isTrue();
    assertThat(start(other).isClosed()).as("%s while that is under way", other).isTrue();

    assertThat(requestCount(other) - before).as("background queries").isOne();
    node.clock().advance(SLOW);
    RawCall patient = start(other);
    assertThat(patient.isClosed()).as("%s after that has failed", other).isFalse();
    node.clock().advance(SLOW);
    patient.answer();
  }

  @Test
  void listsWaitDuringABackgroundQueryOfStats() {
    begin(Fault.ERROR, "ListContainerStats");
    for (int i = 0; i < MAX_WAITS; i++) {
      failSlowly("ListContainerStats");
    }
    node.faulty().delay("ListContainers", SLOW);

    start("ListContainerStats").answer();

    RawCall list = start("ListContainers");
    assertThat(list.isClosed()).as("shown as it was").isFalse();
    node.clock().advance(SLOW);
    list.answer();
  }

  @ParameterizedTest
  @EnumSource(ListRpc.class)
  void theFirstBackgroundResponseRefreshesTheInventory(ListRpc list) throws Exception {
    begin(Fault.ERROR, list.rpc());
    List<String> before = List.of();
    for (int i = 0; i < MAX_WAITS; i++) {
      RawCall call = list.start(node.router());
      node.clock().advance(SLOW);
      before = ListRpc.ids(call);
    }
    node.addUnknownPod();
    assertThat(list.idsAtOnce(node.router())).as("last known").isEqualTo(before);

    Fault.end(node);
    node.clock().advance(MAX_PAUSE);

    assertThat(list.idsAtOnce(node.router())).hasSizeGreaterThan(before.size());
  }

  @Test
  void immediateFailuresAreQueriedWithTheNextList() throws Exception {
    Fault.ERROR.begin(node, "ListPodSandbox");
    for (int i = 0; i < 2 * MAX_WAITS; i++) {
      start("ListPodSandbox").answer();
    }
    int before = ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router()).size();
    node.addUnknownPod();
    Fault.end(node);

    assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router())).hasSize(before + 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = ListRpc.class,
      names = {"LIST_POD_SANDBOX", "LIST_CONTAINERS", "LIST_IMAGES"})
  void theReportLastsAsLongAsTheFailure(ListRpc list) throws Exception {
    try (CapturedLog log = new CapturedLog(Level.INFO)) {
      begin(Fault.ERROR, list.rpc());
      for (int i = 0; i < MAX_WAITS; i++) {
        failSlowly(list.rpc());
      }
      for (int i = 0; i < 5; i++) {
        start(list.rpc()).answer();
        node.clock().advance(MAX_PAUSE);
      }
      assertThat(log.lines()).singleElement().asString().contains(FAULTY, list.rpc(), "disk full");

      Fault.end(node);
      start(list.rpc()).answer();
      assertThat(log.lines()).hasSize(2);
      assertThat(log.lines().get(1)).contains(FAULTY, list.rpc(), "again");
    }
  }

  @Test
  void mergedCallsWaitAgainAfterARecovery() {
    begin(Fault.ENORMOUS, "ListContainers");
    for (int i = 0; i < MAX_WAITS; i++) {
      failSlowly("ListContainers");
    }
    node.faulty().down();
    Fault.end(node);
    node.clock().advance(BUDGET);
    node.faulty().delay("ListContainers", SLOW);

    RawCall list = start("ListContainers");

    assertThat(list.isClosed()).isFalse();
    node.clock().advance(SLOW);
    list.answer();
  }

  @Test
  void imagesThatWereNeverListedAreLeftOut() throws Exception {
    try (SimulatedNode small = SimulatedNode.of(SimulatedNode.PRIMARY, SimulatedNode.VIRTLET)) {
      String special = small.virtlet().pullImage("cirros").getId();
      small.virtlet().failAlways("ListImages", RpcStatus.of(Code.INTERNAL, "disk full"));
      small.startRouter();
      String plain = small.runtime(SimulatedNode.PRIMARY).pullImage("nginx").getId();

      for (int i = 0; i < 2 * MAX_WAITS; i++) {
        assertThat(ListRpc.LIST_IMAGES.idsAtOnce(small.router()))
            .contains(plain)
            .doesNotContain(special);
      }
      small.virtlet().heal();

      assertThat(ListRpc.LIST_IMAGES.idsAtOnce(small.router())).contains(plain);
      assertThat(ListRpc.LIST_IMAGES.idsAtOnce(small.router())).contains(plain, special);
    }
  }

  @Test
  void imageSearchesReportEachFailure() {
    String image = node.faulty().pullImage("theirs").getId();
    start("ListImages").answer();
    Fault.ERROR.begin(node, "ImageStatus");

    for (int i = 0; i < 2 * MAX_WAITS; i++) {
      RawCall search =
          RawCall.start(
              node.router(),
              "ImageStatus",
              ImageStatusRequest.newBuilder()
                  .setImage(ImageCalls.bare(image))
                  .build()
                  .toByteString());
      assertThat(search.status().message()).isEqualTo("disk full");
    }
  }
}
