package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.CallsById.refusal;
import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.crirouter.core.BackendName;
import io.crirouter.core.IdStrategy;
import io.grpc.Status;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ids of a forcibly removed runtime never reach another runtime, even after a restart. */
class ReservedPrefixTest {
  private static final String REMOVED = "runtime virtlet.cloud, which was removed";

  private final MemoryStateStore store = new MemoryStateStore();
  private SimulatedNode node = SimulatedNode.of(PRIMARY, VIRTLET).withStore(store);
  private String pod = "";

  @BeforeEach
  void removeByForce() {
    node.startRouter();
    pod = node.runPod("vm", VIRTLET);
    node.router().removeByForce(BackendName.of(VIRTLET)).toCompletableFuture().join();
    node.advance(Duration.ofSeconds(1));
    node.close();
    node = SimulatedNode.of(PRIMARY).withStore(store);
  }

  @AfterEach
  void close() {
    node.close();
  }

  @Test
  void idsOfARemovedRuntimeAreUnavailable() {
    node.startRouter();

    Status end = refusal(() -> new CallsById(node.client()).sandboxStatus(pod));

    assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(end.getDescription()).contains(REMOVED);
  }

  @Test
  void theReservedPrefixIsRefusedForOthers() {
    SimulatedNode other = SimulatedNode.of(PRIMARY, "virtuozzo").withStore(store);

    assertThatIllegalArgumentException()
        .isThrownBy(other::startRouter)
        .withMessageContaining(REMOVED)
        .withMessageContaining("virt__")
        .withMessageContaining("forget");

    node.startRouter();
  }

  @Test
  void theReservedPrefixIsFreeAfterItWasForgotten() {
    SimulatedNode other = SimulatedNode.of(PRIMARY, "virtuozzo").withStore(store);
    node = other.configured(builder -> builder.forget(BackendName.of(VIRTLET))).startRouter();

    assertThat(node.runPod("other", "virtuozzo")).startsWith("virt__");
    node.advance(Duration.ofSeconds(1));
    node.close();

    node.configured(builder -> builder).startRouter();
    assertThat(node.sandboxes()).hasSize(1);
  }

  @Test
  void theReservedPrefixIsUsedByTheSameRuntimeAgain() {
    node = SimulatedNode.of(PRIMARY, VIRTLET).withStore(store).startRouter();
    String again = node.runPod("again", VIRTLET);
    assertThat(again).startsWith("virt__");
    node.advance(Duration.ofSeconds(1));
    node.close();
    node = SimulatedNode.of(PRIMARY, VIRTLET).withStore(store).startRouter();

    assertThat(
            refusal(() -> new CallsById(node.client()).sandboxStatus("virt__0")).getDescription())
        .doesNotContain(REMOVED);
  }

  @Test
  void withNativeIdsPrefixesAreNotReserved() {
    node =
        SimulatedNode.of(PRIMARY, "virtuozzo")
            .withStore(store)
            .configured(builder -> builder.ids(IdStrategy.nativeIds()))
            .startRouter();

    assertThat(node.runPod("other", "virtuozzo")).doesNotContain("__");
  }
}
