package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.BackendState;
import io.crirouter.core.RpcException;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Drains: removal of a runtime when its last pod is gone. */
class DrainTest {
  private static final BackendName UNKNOWN_RUNTIME = BackendName.of("nobody");

  private final Node node = Node.create();

  @Test
  void aDrainedRuntimeServesItsPodsAndIsRemovedWithTheLast() {
    String pod = node.runOnVirtlet("a");

    CompletionStage<Void> removal = node.router.removeWhenEmpty(VIRTLET);

    assertFails(
        () -> node.runOnVirtlet("b"), Status.Code.UNAVAILABLE, "virtlet.cloud", "to be removed");
    node.clock.advance(Duration.ofSeconds(5));
    assertThat(removal.toCompletableFuture()).isNotDone();
    assertThat(node.start(pod, "main")).startsWith("virt__");
    assertThat(node.pods()).containsExactly(pod);
    node.remove(pod);
    node.clock.advance(Duration.ofSeconds(1));

    assertThat(removal.toCompletableFuture()).isCompleted();
    assertThat(node.router.backends()).extracting(BackendState::name).containsExactly(CONTAINERD);
  }

  @Test
  void aDrainedRuntimeWithoutPodsIsRemovedAtOnce() {
    assertThat(node.router.removeWhenEmpty(VIRTLET).toCompletableFuture()).isCompleted();

    assertThat(node.router.backends()).hasSize(1);
    assertThat(node.router.keep(VIRTLET)).isFalse();
  }

  @Test
  void aDrainFindsPodsCreatedOutsideOfTheRouter() {
    String pod =
        CriClient.of(node.virtlet)
            .runtime()
            .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(Pods.plain("a")).build())
            .getPodSandboxId();

    CompletionStage<Void> removal = node.router.removeWhenEmpty(VIRTLET);

    assertThat(removal.toCompletableFuture()).isNotDone();
    assertThat(node.pods()).containsExactly("virt__" + pod);
  }

  @Test
  void aDrainCanBeCancelled() {
    node.runOnVirtlet("a");
    CompletionStage<Void> removal = node.router.removeWhenEmpty(VIRTLET);

    assertThat(node.router.keep(VIRTLET)).isTrue();

    assertThat(removal.toCompletableFuture()).isCompletedExceptionally();
    assertThat(node.runOnVirtlet("b")).startsWith("virt__");
    node.pods().forEach(node::remove);
    node.clock.advance(Duration.ofMinutes(1));
    assertThat(node.router.backends()).hasSize(2);
    assertThat(node.router.keep(VIRTLET)).isFalse();
  }

  @Test
  void aDrainCancelledDuringItsListKeepsTheRuntime() {
    CountingConnection connection = new CountingConnection(node.virtlet);
    node.router.change(VIRTLET, connection, BackendOptions.DEFAULT);
    AtomicBoolean isKept = new AtomicBoolean();
    connection.beforeList = () -> isKept.set(node.router.keep(VIRTLET));

    CompletionStage<Void> removal = node.router.removeWhenEmpty(VIRTLET);

    assertThat(isKept).isTrue();
    assertThat(removal.toCompletableFuture()).isCompletedExceptionally();
    assertThat(node.router.backends()).hasSize(2);
    connection.beforeList = () -> {};
    assertThat(node.runOnVirtlet("a")).startsWith("virt__");
  }

  @Test
  void twoDrainsEndTogetherAndAForcedRemovalEndsThem() {
    node.runOnVirtlet("a");
    CompletionStage<Void> first = node.router.removeWhenEmpty(VIRTLET);
    CompletionStage<Void> second = node.router.removeWhenEmpty(VIRTLET);

    assertThat(node.router.removeByForce(VIRTLET).toCompletableFuture()).isCompleted();
    node.clock.advance(Duration.ofSeconds(1));

    assertThat(first.toCompletableFuture()).isCompleted();
    assertThat(second.toCompletableFuture()).isCompleted();
  }

  @Test
  void thePrimaryCannotBeDrained() {
    assertThat(node.router.removeWhenEmpty(CONTAINERD).toCompletableFuture())
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withCauseInstanceOf(RpcException.class)
        .withMessageContaining("primary");
    assertThat(node.router.removeWhenEmpty(UNKNOWN_RUNTIME).toCompletableFuture())
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withMessageContaining("no runtime nobody");
  }
}
