package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The probes of runtimes, and the reports of their health. */
class HealthTest {
  private static final String KATA = "kata.local";
  private static final Duration STEP = Duration.ofMillis(1);
  private static final Duration READY_INTERVAL = Duration.ofSeconds(10);

  private final SimulatedNode node = SimulatedNode.of(PRIMARY, VIRTLET, KATA);

  @AfterEach
  void stop() {
    node.close();
  }

  /** The intervals between the probes of each runtime within {@code length}. */
  private List<List<Duration>> waits(Duration length, String... runtimes) {
    List<List<Duration>> waits = new ArrayList<>();
    List<Duration> last = new ArrayList<>();
    for (String runtime : runtimes) {
      node.runtime(runtime).journal().clear();
      waits.add(new ArrayList<>());
      last.add(Duration.ZERO);
    }
    for (Duration now = STEP; now.compareTo(length) <= 0; now = now.plus(STEP)) {
      node.advance(STEP);
      for (int i = 0; i < runtimes.length; i++) {
        if (!node.runtime(runtimes[i]).journal().callsOf("Version").isEmpty()) {
          node.runtime(runtimes[i]).journal().clear();
          waits.get(i).add(now.minus(last.get(i)));
          last.set(i, now);
        }
      }
    }
    return waits;
  }

  private List<Duration> waits(Duration length) {
    return waits(length, VIRTLET).get(0);
  }

  private static void assertGrowing(List<Duration> waits) {
    assertThat(waits).hasSizeGreaterThan(8);
    double expected = 250;
    for (Duration wait : waits) {
      assertThat((double) wait.toMillis())
          .as("one of %s", waits)
          .isBetween(expected * 0.8 - 1, expected * 1.2 + 1);
      expected = Math.min(expected * 1.6, 5000);
    }
  }

  @Test
  void lostRuntimesAreProbedWithBackOff() {
    node.virtlet().down();
    node.startRouter();

    assertGrowing(waits(Duration.ofSeconds(40)));
  }

  @Test
  void probesOfRuntimesHaveJitter() {
    node.virtlet().down();
    node.runtime(KATA).down();
    node.startRouter();

    List<List<Duration>> waits = waits(Duration.ofSeconds(5), VIRTLET, KATA);

    assertThat(waits.get(0)).as("they vary at random").doesNotContainAnyElementsOf(waits.get(1));
  }

  @Test
  void theBackOffIsResetByARecovery() {
    node.virtlet().down();
    node.startRouter();
    node.advance(Duration.ofMinutes(1));
    node.virtlet().up();
    node.virtlet().down();

    assertGrowing(waits(Duration.ofSeconds(40)));
  }

  @Test
  void readyRuntimesAreProbedEveryTenSeconds() {
    node.startRouter();

    assertThat(waits(Duration.ofSeconds(35))).hasSize(3).containsOnly(READY_INTERVAL);
  }

  @Test
  void aRuntimeIsUsedWhenItsSocketAppears() {
    node.virtlet().down();
    node.startRouter();
    node.advance(Duration.ofMinutes(1));
    long before = node.time().nanoTime();

    node.virtlet().up();

    assertThat(node.runPod("vm", VIRTLET)).startsWith("virt__");
    assertThat(node.time().nanoTime()).as("no time has passed").isEqualTo(before);
  }

  @Test
  void aHungRuntimeIsLostAfterFiveSecondsWithoutVersion() {
    node.startRouter();
    String pod = node.runPod("vm", VIRTLET);
    node.virtlet().hang("Version");
    node.advance(READY_INTERVAL.plusSeconds(5).minus(STEP));
    new CallsById(node.client()).sandboxStatus(pod);
    try (CapturedLog log = new CapturedLog(Level.WARNING)) {
      node.advance(STEP);

      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("virtlet.cloud", "lost", "Version answers DEADLINE_EXCEEDED");
    }
  }

  @Test
  void aServerWithoutCriIsReportedAsSuch() {
    node.virtlet()
        .failAlways("Version", RpcStatus.of(RpcStatus.Code.UNIMPLEMENTED, "unknown service"));
    node.startRouter();

    assertThat(node.router().backends().get(1).reason())
        .isEqualTo("it does not speak CRI: Version answers UNIMPLEMENTED: unknown service");
  }

  @ParameterizedTest
  @EnumSource(
      value = Code.class,
      names = {"OK", "NOT_FOUND", "UNAVAILABLE"})
  void aResponseOfALostRuntimeTriggersAProbe(Code code) {
    node.startRouter();
    String pod = node.runPod("vm", VIRTLET);
    node.virtlet().hang("Version", "PodSandboxStatus");
    if (code != Code.OK) {
      node.virtlet().failNext("PodSandboxStatus", RpcStatus.Code.of(code.value()), "an answer");
    }
    RawCall underWay = start(pod);
    node.advance(READY_INTERVAL.plusSeconds(5));
    assertThat(node.router().backends().get(1).phase()).isEqualTo(Phase.LOST);
    node.virtlet().journal().clear();

    node.virtlet().resume();

    assertThat(underWay.status().code().number()).isEqualTo(code.value());
    assertThat(node.virtlet().journal().callsOf("Version")).hasSize(1);
    node.virtlet().journal().clear();
    assertThat(node.sandboxes()).hasSize(1);
    assertThat(node.virtlet().journal().callsOf("ListPodSandbox"))
        .as("lists have the current state")
        .hasSize(1);
  }

  @Test
  void aResponseDuringAFailingProbeTriggersAnotherProbe() {
    node.startRouter();
    String pod = node.runPod("vm", VIRTLET);
    Duration untilLost = READY_INTERVAL.plusSeconds(5);
    node.virtlet().delay("PodSandboxStatus", untilLost.plusSeconds(1));
    node.virtlet().hang("Version");
    RawCall underWay = start(pod);
    node.advance(untilLost.plusSeconds(1));
    assertThat(underWay.status().isOk()).isTrue();
    assertThat(node.router().backends().get(1).phase()).isEqualTo(Phase.LOST);
    node.virtlet().journal().clear();

    node.advance(Duration.ofMillis(4300));

    assertThat(node.virtlet().journal().callsOf("Version")).as("no pause").hasSize(1);
  }

  @Test
  void responsesOfAReadyRuntimeDoNotTriggerProbes() {
    node.startRouter();
    String pod = node.runPod("vm", VIRTLET);
    node.virtlet().journal().clear();

    assertThat(start(pod).status().isOk()).isTrue();

    assertThat(node.virtlet().journal().callsOf("Version")).isEmpty();
  }

  private RawCall start(String pod) {
    return RawCall.start(
        node.router(),
        "PodSandboxStatus",
        PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build().toByteString());
  }

  @Test
  void eachChangeIsLoggedOnce() {
    node.virtlet().down();
    try (CapturedLog log = new CapturedLog(Level.INFO)) {
      node.startRouter();
      assertThat(ofVirtlet(log)).singleElement().asString().contains("is not ready yet");

      node.advance(Duration.ofMinutes(5));
      callsThatFail();
      assertThat(ofVirtlet(log)).hasSize(1);

      node.virtlet().up();
      node.advance(Duration.ofMinutes(5));
      assertThat(ofVirtlet(log)).hasSize(2).last().asString().contains("is ready");

      node.virtlet().down();
      node.advance(Duration.ofMinutes(5));
      callsThatFail();
      assertThat(ofVirtlet(log)).hasSize(3).last().asString().contains("is lost");
    }
  }

  private void callsThatFail() {
    for (int i = 0; i < 10; i++) {
      assertFails(() -> node.runPod("vm", VIRTLET), Code.UNAVAILABLE, VIRTLET);
    }
  }

  private static List<String> ofVirtlet(CapturedLog log) {
    return log.lines().stream().filter(line -> line.startsWith("runtime " + VIRTLET)).toList();
  }

  @Test
  void noRuntimeIsProbedAfterClose() {
    node.virtlet().down();
    node.startRouter();

    node.router().close();

    assertThat(node.time().pendingTasks()).isZero();
  }
}
