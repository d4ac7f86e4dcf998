package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.CallsById.refusal;
import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.IdStrategy;
import io.crirouter.testkit.CriClient;
import io.grpc.Status;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An id of two runtimes has no owner, because a guess could stop the wrong pod. */
class CollidingNativeIdsTest {
  private final SimulatedNode node =
      SimulatedNode.of(PRIMARY, VIRTLET).configured(builder -> builder.ids(IdStrategy.nativeIds()));

  private final ErrorLog errors = new ErrorLog();

  @BeforeEach
  void createCollidingId() {
    Iterator<String> first = List.of("aaaa", "cccc").iterator();
    Iterator<String> second = List.of("aaaa", "dddd").iterator();
    node.withRuntime(PRIMARY, builder -> builder.ids(first::next))
        .withRuntime(VIRTLET, builder -> builder.ids(second::next))
        .startRouter();
    node.runPod("web", PRIMARY);
    node.runPod("vm", VIRTLET);
  }

  @AfterEach
  void stop() {
    node.close();
    errors.close();
  }

  private CallsById byId() {
    return new CallsById(node.client());
  }

  @Test
  void callsByACollidingIdAreRefused() {
    for (String id : List.of("aaaa", "aa")) {
      Status refusal = refusal(() -> byId().stopSandbox(id));

      assertThat(refusal.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(refusal.getDescription()).contains("pod sandbox 'aaaa'", PRIMARY, VIRTLET);
    }
    assertThat(node.runtime(PRIMARY).journal().callsOf("StopPodSandbox")).isEmpty();
    assertThat(node.virtlet().journal().callsOf("StopPodSandbox")).isEmpty();
  }

  @Test
  void aCollisionIsReportedOnce() {
    for (int i = 0; i < 3; i++) {
      node.sandboxes();
      refusal(() -> byId().stopSandbox("aaaa"));
      node.advance(Duration.ofSeconds(2));
    }

    assertThat(errors.lines())
        .singleElement()
        .asString()
        .contains("pod sandbox aaaa", PRIMARY, VIRTLET, "refused");
  }

  @Test
  void otherIdsAreNotAffected() {
    assertThat(node.runPod("other", VIRTLET)).isEqualTo("dddd");
    assertThat(byId().sandboxStatus("dddd")).isEqualTo("dddd");
  }

  @Test
  void anIdBelongsToTheOtherRuntimeAfterTheCollisionEnds() {
    try (CriClient direct = CriClient.of(node.virtlet())) {
      new CallsById(direct).removeSandbox("aaaa");
    }
    node.sandboxes();

    byId().stopSandbox("aaaa");

    assertThat(node.runtime(PRIMARY).journal().callsOf("StopPodSandbox")).hasSize(1);
  }
}
