package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.RestorePodRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.UpdateRuntimeConfigRequest;
import io.crirouter.testkit.RecordedCall;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** New pods wait for a connecting runtime, up to a limit, and are not sent before. */
class ConnectingRuntimeTest {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration ONE_MILLISECOND = Duration.ofMillis(1);

  private final AtomicReference<BackendName> choice = new AtomicReference<>(VIRTLET);
  private final Node node =
      Node.builder().policy(pod -> Optional.of(choice.get())).virtletStartsLate().build();

  /** Starts the runtime, which answers Version after {@code delay}. */
  private void connectSlowlyFor(Duration delay) {
    node.virtlet.delay("Version", delay);
    node.virtlet.up();
  }

  private void connectAndHang() {
    node.virtlet.hang("Version");
    node.virtlet.up();
  }

  private RawCall create(String pod) {
    return create(pod, CriRequest.NO_TIMEOUT);
  }

  private RawCall create(String pod, long timeoutNanos) {
    ByteString request =
        RunPodSandboxRequest.newBuilder().setConfig(Pods.plain(pod)).build().toByteString();
    return RawCall.start(
        node.router,
        CriRequest.of(CriMethod.of("RunPodSandbox"), request).withTimeoutNanos(timeoutNanos));
  }

  private void assertNeverSent() {
    node.virtlet.resume();
    node.clock.advance(Duration.ofMinutes(1));
    assertThat(node.virtlet.journal().callsOf("RunPodSandbox")).isEmpty();
  }

  private void assertIsPlacedElsewhere(String pod) {
    choice.set(CONTAINERD);
    assertThat(node.runOnContainerd(pod)).doesNotContain("__");
    assertThat(node.containerd.pods()).hasSize(1);
  }

  @Test
  void theRuntimeConfigIsSentBeforeTheFirstPod() {
    var unused =
        node.client.runtime().updateRuntimeConfig(UpdateRuntimeConfigRequest.getDefaultInstance());
    connectSlowlyFor(Duration.ofMillis(100));

    RawCall creation = create("a");
    node.clock.advance(Duration.ofSeconds(1));

    creation.answer();
    assertThat(node.virtlet.journal().calls())
        .extracting(RecordedCall::name)
        .containsSubsequence("UpdateRuntimeConfig", "RunPodSandbox");
  }

  @ParameterizedTest
  @ValueSource(strings = {"RunPodSandbox", "RestorePod"})
  void aPodWaitsUntilTheRuntimeIsReady(String rpc) {
    node.virtlet.delay("ListContainers", Duration.ofSeconds(2));
    node.virtlet.delay("ListMetricDescriptors", Duration.ofSeconds(2));
    node.virtlet.failAlways("RestorePod", RpcStatus.of(Code.UNKNOWN, "no such checkpoint"));
    node.virtlet.up();
    ByteString request =
        RestorePodRequest.newBuilder().setConfig(Pods.plain("a")).build().toByteString();
    if (rpc.equals("RunPodSandbox")) {
      request = RunPodSandboxRequest.newBuilder().setConfig(Pods.plain("a")).build().toByteString();
    }

    RawCall creation = RawCall.start(node.router, rpc, request);
    node.clock.advance(Duration.ofSeconds(4).minus(ONE_MILLISECOND));
    assertThat(node.virtlet.journal().callsOf(rpc)).isEmpty();
    node.clock.advance(ONE_MILLISECOND);

    assertThat(node.virtlet.journal().callsOf(rpc)).hasSize(1);
    assertThat(creation.isClosed()).isTrue();
  }

  @Test
  void theWaitReducesTheTimeoutOfThePod() {
    connectSlowlyFor(Duration.ofSeconds(3));

    create("a", Duration.ofSeconds(10).toNanos());
    node.clock.advance(Duration.ofSeconds(3));

    assertThat(node.virtlet.journal().takeCall("RunPodSandbox").timeoutNanos())
        .isEqualTo(Duration.ofSeconds(7).toNanos());
  }

  @Test
  void podsDoNotWaitForALostRuntime() {
    RpcStatus refusal = create("a").status();

    assertThat(refusal.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(refusal.message()).contains("virtlet.cloud", node.virtlet.address(), "is down");
    node.virtlet.up();
    assertNeverSent();
  }

  @Test
  void aPodThatWasNotSentIsPlacedByThePolicy() {
    node.virtlet.up();
    node.virtlet.down();
    node.clock.advance(Duration.ofSeconds(3));

    assertFails(
        () -> node.run(Pods.plain("a")),
        Status.Code.UNAVAILABLE,
        "virtlet.cloud",
        "lost since 00:00:00Z");

    assertIsPlacedElsewhere("a");
  }

  @Test
  void podsWaitFiveSecondsAtMostForAHungRuntime() {
    node.virtlet.delay("ListPodSandbox", Duration.ofSeconds(4));
    node.virtlet.delay("ListContainers", Duration.ofSeconds(4));
    node.virtlet.up();

    RawCall creation = create("a");
    node.clock.advance(LIMIT.minus(ONE_MILLISECOND));
    assertThat(creation.isClosed()).isFalse();
    node.clock.advance(ONE_MILLISECOND);

    assertThat(creation.status().code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(creation.status().message())
        .contains("virtlet.cloud", node.virtlet.address(), "5 s");
    assertNeverSent();
    assertIsPlacedElsewhere("a");
  }

  @Test
  void waitingPodsFailAtOnceWhenTheRuntimeHangs() {
    connectAndHang();
    node.clock.advance(Duration.ofSeconds(3));

    RawCall creation = create("a");
    node.clock.advance(Duration.ofSeconds(2));

    assertThat(creation.status().code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(creation.status().message()).contains("virtlet.cloud", "Version");
    assertNeverSent();
  }

  @Test
  void aPodThatTimesOutWhileWaitingIsNotSent() {
    connectAndHang();

    RawCall creation = create("a", Duration.ofSeconds(2).toNanos());
    node.clock.advance(Duration.ofSeconds(2).minus(ONE_MILLISECOND));
    assertThat(creation.isClosed()).isFalse();
    node.clock.advance(ONE_MILLISECOND);

    assertThat(creation.status().code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(creation.status().message()).contains("virtlet.cloud", "not sent");
    assertNeverSent();
    assertIsPlacedElsewhere("a");
  }

  @Test
  void aPodCancelledWhileWaitingIsNotSent() {
    connectAndHang();
    int idle = node.clock.pendingTasks();

    RawCall creation = create("a");
    creation.cancel("the pod was deleted");

    assertThat(creation.status().code()).isEqualTo(Code.CANCELLED);
    assertThat(node.clock.pendingTasks()).isEqualTo(idle);
    assertNeverSent();
    assertIsPlacedElsewhere("a");
  }

  @Test
  void atMostOneThousandPodsWait() {
    connectAndHang();
    for (int i = 0; i < 1000; i++) {
      assertThat(create("pod-" + i).isClosed()).isFalse();
    }

    RpcStatus refusal = create("one-more").status();

    assertThat(refusal.code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(refusal.message()).contains("virtlet.cloud", "1000");
  }

  @Test
  void cancelledPodsDoNotCountAsWaiting() {
    connectAndHang();
    for (int i = 0; i < 1001; i++) {
      create("pod-" + i).cancel();
    }

    assertThat(create("one-more").isClosed()).isFalse();
  }

  @Test
  void removalOfTheRuntimeEndsTheWait() {
    connectAndHang();
    RawCall creation = create("a");

    node.router.removeByForce(VIRTLET).toCompletableFuture().join();

    assertThat(creation.status().code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(creation.status().message()).contains("virtlet.cloud", "removed");
    assertNeverSent();
  }

  @Test
  void waitingPodsDoNotPreventRemoval() {
    connectAndHang();
    create("a");

    node.router.remove(VIRTLET).toCompletableFuture().join();

    assertThat(node.router.backends()).hasSize(1);
    assertNeverSent();
  }

  @Test
  void closeEndsTheWait() {
    connectAndHang();
    RawCall waiting = create("a");

    node.router.close();

    assertThat(waiting.status().code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(create("b").status().code()).isEqualTo(Code.UNAVAILABLE);
  }
}
