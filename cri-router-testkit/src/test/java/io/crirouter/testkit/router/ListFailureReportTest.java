package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.StatusResponse;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The reports to the operator while a list is answered from the inventory. */
class ListFailureReportTest {
  private static final String CONDITION = FaultyNode.FAULTY + "/Lists";
  private static final Duration BUDGET = Duration.ofSeconds(5);

  static Stream<Arguments> failingLists() {
    return Stream.of(
            "ListPodSandbox",
            "StreamPodSandboxes",
            "ListContainers",
            "StreamContainers",
            "ListImages",
            "StreamImages")
        .flatMap(
            rpc ->
                Stream.of(Fault.values())
                    .filter(fault -> fault != Fault.UNIMPLEMENTED && !fault.affectsWholeRuntime())
                    .map(fault -> Arguments.of(rpc, fault)));
  }

  @ParameterizedTest(name = "{0} × {1}")
  @MethodSource("failingLists")
  void aFailingListIsLoggedOnceAndReportedInStatus(String rpc, Fault fault) throws Exception {
    try (FaultyNode node = new FaultyNode();
        CapturedLog log = new CapturedLog(Level.INFO)) {
      fault.begin(node, rpc);
      list(node, rpc);
      list(node, rpc);

      assertThat(about(rpc, log)).as("log of %s × %s", rpc, fault).hasSize(1);
      assertThat(condition(node))
          .isNotNull()
          .extracting(RuntimeCondition::getStatus)
          .isEqualTo(false);
      assertThat(condition(node).getMessage()).contains(rpc);

      Fault.end(node);
      list(node, rpc);
      assertThat(about(rpc, log)).as("log once it is mended").hasSize(2);
      assertThat(condition(node)).matches(after -> after == null || after.getStatus());
    }
  }

  private static void list(FaultyNode node, String rpc) {
    RawCall list = RawCall.start(node.router(), rpc, ByteString.EMPTY);
    node.clock().advance(BUDGET);
    list.answer();
  }

  private static List<String> about(String rpc, CapturedLog log) {
    return log.lines().stream()
        .filter(line -> line.contains(FaultyNode.FAULTY) && line.contains(rpc))
        .toList();
  }

  private static RuntimeCondition condition(FaultyNode node) throws Exception {
    return StatusResponse.parseFrom(
            RawCall.start(node.router(), "Status", ByteString.EMPTY).answer())
        .getStatus()
        .getConditionsList()
        .stream()
        .filter(condition -> condition.getType().equals(CONDITION))
        .findFirst()
        .orElse(null);
  }
}
