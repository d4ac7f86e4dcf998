package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ForwardingListener;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.testkit.router.ThrowingRuntime.Failure;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A RuntimeBackend that throws, or returns no call, is treated as unreachable. What it reports
 * after the end of a call is ignored.
 */
class ThrowingBackendTest {
  private static final Duration MAX_BACK_OFF = Duration.ofSeconds(7);

  private final ThrowingRuntime broken = new ThrowingRuntime();

  private Node node() {
    return Node.builder().beforeVirtlet(broken::of).build();
  }

  @ParameterizedTest
  @EnumSource
  void aBackendThatThrowsFromTheStartIsUsedAfterItsRecovery(Failure failure) throws Exception {
    broken.fail(failure);
    Node node = node();
    String plain = node.runOnContainerd("plain");

    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.NEVER_SEEN);
    assertThat(node.router.backends().get(1).reason()).contains(failure.reason());
    assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router)).containsExactly(plain);
    assertFails(() -> node.runOnVirtlet("special"), Code.UNAVAILABLE, "virtlet.cloud");

    broken.heal();
    node.clock.advance(MAX_BACK_OFF);
    assertThat(node.runOnVirtlet("special")).startsWith("virt__");
  }

  @ParameterizedTest
  @EnumSource
  void aBackendThatThrowsLaterIsLostAndProbed(Failure failure) throws Exception {
    Node node = node();
    String pod = node.runOnVirtlet("special");
    broken.fail(failure);

    assertFails(() -> node.podStatus(pod), Code.UNAVAILABLE, "virtlet.cloud");

    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.LOST);
    for (ListRpc list : List.of(ListRpc.LIST_POD_SANDBOX, ListRpc.STREAM_POD_SANDBOXES)) {
      assertThat(list.idsAtOnce(node.router)).containsExactly(pod);
    }
    broken.heal();
    node.clock.advance(MAX_BACK_OFF);
    assertThat(node.podStatus(pod).getId()).isEqualTo(pod);
  }

  @ParameterizedTest
  @EnumSource
  void aListIsCompleteWhenABackendThrows(Failure failure) throws Exception {
    Node node = node();
    String pod = node.runOnVirtlet("special");
    broken.fail(failure);

    assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router)).containsExactly(pod);
    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.LOST);
  }

  @ParameterizedTest
  @EnumSource
  void probesContinueWhenABackendThrows(Failure failure) {
    Node node = node();
    broken.fail(failure);
    node.clock.advance(Duration.ofSeconds(10));
    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.LOST);

    broken.heal();
    node.clock.advance(MAX_BACK_OFF);
    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.READY);
  }

  @ParameterizedTest
  @EnumSource
  void aBackendThatThrowsCanBeRemoved(Failure failure) {
    Node node = node();
    broken.fail(failure);
    assertFails(() -> node.runOnVirtlet("special"), Code.UNAVAILABLE, "virtlet.cloud");

    node.clock.advance(Duration.ofSeconds(10));
    assertThat(node.router.removeByForce(VIRTLET).toCompletableFuture()).isCompleted();

    assertThat(node.router.backends()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void aBackendThatThrewFromTheStartCanBeRemoved(Failure failure) {
    broken.fail(failure);
    Node node = node();

    assertThat(node.router.remove(VIRTLET).toCompletableFuture()).isCompleted();
  }

  @Test
  void theStackTraceIsLoggedOnceAMinute() {
    Node node = node();
    String pod = node.runOnVirtlet("special");
    broken.fail(Failure.FAILED_REQUEST);

    try (CapturedExceptions log = new CapturedExceptions()) {
      for (int i = 0; i < 70; i++) {
        assertFails(() -> node.podStatus(pod), Code.UNAVAILABLE, "virtlet.cloud");
        node.clock.advance(Duration.ofSeconds(1));
      }

      assertThat(log.thrown()).hasSize(2);
      assertThat(log.lines())
          .filteredOn(line -> line.contains("runtime virtlet.cloud failed in "))
          .hasSize(2);
    }
  }

  /** A call that can be requested only. */
  private record Uncancellable(RuntimeCall call) implements RuntimeCall {
    @Override
    public void request(int count) {
      call.request(count);
    }

    @Override
    public long heldBytes() {
      throw new IllegalStateException("no such stream");
    }

    @Override
    public void cancel(String reason) {
      throw new IllegalStateException("no such stream");
    }
  }

  private static Node uncancellableNode() {
    return Node.builder()
        .beforeVirtlet(
            runtime -> (request, listener) -> new Uncancellable(runtime.start(request, listener)))
        .build();
  }

  private static RawCall podStatus(Node node, String pod) {
    ByteString request =
        PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build().toByteString();
    return RawCall.start(node.router, "PodSandboxStatus", request);
  }

  @Test
  void aCallThatCannotBeCancelledIsClosed() {
    Node node = uncancellableNode();
    String pod = node.runOnVirtlet("special");
    node.virtlet.hang();
    RawCall call = podStatus(node, pod);
    assertThat(call.heldBytes()).isZero();

    call.cancel();

    assertThat(call.isClosed()).isTrue();
  }

  @Test
  void eachOpenCallEndsAfterALossAlsoIfNoneCanBeCancelled() {
    Node node = uncancellableNode();
    String pod = node.runOnVirtlet("special");
    node.virtlet.hang();
    List<RawCall> calls = List.of(podStatus(node, pod), podStatus(node, pod));

    node.clock.advance(Duration.ofMinutes(1));

    assertThat(calls).allMatch(RawCall::isClosed);
    assertThat(calls)
        .extracting(call -> call.status().code())
        .containsOnly(RpcStatus.Code.UNAVAILABLE);
  }

  /** A runtime that cannot report when it is reachable. */
  private record Unobservable(RuntimeBackend runtime) implements RuntimeBackend {
    @Override
    public RuntimeCall start(CriRequest request, ResponseListener listener) {
      return runtime.start(request, listener);
    }

    @Override
    public void onReachabilityChange(Runnable listener) {
      throw new IllegalStateException("no watcher");
    }
  }

  @Test
  void aBackendThatCannotReportItsReachabilityIsProbedAndCanBeChangedAndRemoved() {
    Node node = Node.builder().beforeVirtlet(Unobservable::new).build();
    String pod = node.runOnVirtlet("special");
    node.virtlet.down();
    node.clock.advance(Duration.ofSeconds(20));
    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.LOST);
    node.virtlet.up();
    node.clock.advance(MAX_BACK_OFF);
    assertThat(node.podStatus(pod).getId()).isEqualTo(pod);

    node.router.change(VIRTLET, new Unobservable(node.virtlet), BackendOptions.DEFAULT);
    assertThat(node.podStatus(pod).getId()).isEqualTo(pod);
    assertThat(node.router.removeByForce(VIRTLET).toCompletableFuture()).isCompleted();
    node.router.add(VIRTLET, new Unobservable(node.virtlet), BackendOptions.DEFAULT);
    assertThat(node.podStatus(pod).getId()).isEqualTo(pod);
  }

  @Test
  void nothingCountsAfterTheEndOfACall() throws Exception {
    Node node =
        Node.builder()
            .beforeVirtlet(
                runtime -> (request, listener) -> runtime.start(request, new Endless(listener)))
            .build();

    String pod = node.runOnVirtlet("special");

    RawCall status = podStatus(node, pod);
    assertThat(status.status().isOk()).isTrue();
    assertThat(status.messages()).hasSize(1);
    assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router)).containsExactly(pod);
    assertThat(node.router.backends().get(1).phase()).isEqualTo(Phase.READY);
  }

  /** Repeats the response after the end of a call, and ends it again. */
  private static final class Endless extends ForwardingListener {
    private ByteString last = ByteString.EMPTY;

    Endless(ResponseListener client) {
      super(client);
    }

    @Override
    public void onMessage(ByteString message) {
      last = message;
      super.onMessage(message);
    }

    @Override
    public void onClose(RpcStatus status) {
      super.onClose(status);
      super.onMessage(last);
      super.onClose(RpcStatus.unreachable("it is down"));
    }
  }
}
