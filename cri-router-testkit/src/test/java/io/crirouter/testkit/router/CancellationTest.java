package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.MethodDescriptor;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageStatusResponse;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.testkit.ManualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Cancellation by the client reaches all called runtimes and leaves no timers. */
class CancellationTest {
  private static final String IMAGE = "sha256:" + "1".repeat(64);

  private static final Duration OWN_LIMIT = Duration.ofSeconds(5);

  private final ManualScheduler time = new ManualScheduler();
  private final HeldRuntime primary = new HeldRuntime();
  private final HeldRuntime secondary = new HeldRuntime();
  private final CriRouter router =
      CriRouter.builder()
          .scheduler(time)
          .primary(CONTAINERD, primary)
          .secondary(VIRTLET, secondary)
          .build();
  private int timers;

  @AfterEach
  void stop() {
    router.close();
  }

  static Stream<MethodDescriptor> rpcs() {
    return EveryRpcTest.rpcs();
  }

  static Stream<MethodDescriptor> rpcsWithSubstitutes() {
    return rpcs()
        .filter(rpc -> rpc.getName().matches("Stream.*|ListPodSandboxStats|PodSandboxStats"));
  }

  private void hold() {
    timers = time.pendingTasks();
    primary.hold();
    secondary.hold();
  }

  private List<HeldRuntime.Held> calls() {
    List<HeldRuntime.Held> calls = new ArrayList<>(primary.calls());
    calls.addAll(secondary.calls());
    return calls;
  }

  private void assertOver(RawCall call) {
    assertThat(call.isClosed()).as("the client's call is over").isTrue();
    assertThat(call.status().code()).isEqualTo(Code.CANCELLED);
    assertNothingIsLeft();
  }

  /** Advances the clock, because calls of the router itself end at their timeout. */
  private void assertNothingIsLeft() {
    time.advance(OWN_LIMIT);
    assertThat(calls()).isNotEmpty().allMatch(HeldRuntime.Held::isCancelled);
    assertThat(time.pendingTasks()).as("timers").isEqualTo(timers);
  }

  private void assertCancelled(String rpc, ByteString request) {
    hold();
    RawCall call = RawCall.start(router, rpc, request);
    List<HeldRuntime.Held> requestedImages = calls();

    call.cancel();

    assertThat(requestedImages.stream().filter(HeldRuntime.Held::isOfTheClient))
        .isNotEmpty()
        .allMatch(HeldRuntime.Held::isCancelled);
    assertThat(calls()).as("nothing was called afterwards").isEqualTo(requestedImages);
    assertOver(call);
  }

  private static ByteString forThePrimary(MethodDescriptor rpc) {
    return SampleMessages.ofPrimary(false).fill(rpc.getInputType()).toByteString();
  }

  private static ByteString forASecondary(MethodDescriptor rpc) {
    return SampleMessages.ofSecondary(false).fill(rpc.getInputType()).toByteString();
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void cancellationReachesThePrimary(MethodDescriptor rpc) {
    assertCancelled(rpc.getName(), forThePrimary(rpc));
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void cancellationReachesASecondary(MethodDescriptor rpc) {
    assertCancelled(rpc.getName(), forASecondary(rpc));
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void cancellationReachesAllCalledRuntimes(MethodDescriptor rpc) {
    assertCancelled(rpc.getName(), ByteString.EMPTY);
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void aSuccessfulCallLeavesNoTimers(MethodDescriptor rpc) {
    timers = time.pendingTasks();

    RawCall call = RawCall.start(router, rpc.getName(), ByteString.EMPTY);
    if (!call.isClosed()) {
      call.cancel();
    }

    assertThat(time.pendingTasks()).as("timers").isEqualTo(timers);
  }

  @ParameterizedTest
  @MethodSource("rpcsWithSubstitutes")
  void noSubstituteIsRequestedAfterACancellation(MethodDescriptor rpc) {
    hold();
    secondary.ignoreCancellations();
    RawCall call = RawCall.start(router, rpc.getName(), forASecondary(rpc));

    call.cancel();
    secondary.calls().forEach(held -> held.end(RpcStatus.of(Code.UNIMPLEMENTED, "no such rpc")));

    assertThat(secondary.rpcs()).containsExactly(rpc.getName());
    assertThat(call.isClosed()).isTrue();
    assertNothingIsLeft();
  }

  @Test
  void anImageIsNotRemovedIfTheSearchForHoldersIsCancelled() {
    hold();
    RawCall removal =
        RawCall.start(
            router,
            "RemoveImage",
            RemoveImageRequest.newBuilder()
                .setImage(ImageCalls.bare(IMAGE))
                .build()
                .toByteString());
    primary.calls().get(0).answer(present());
    primary.calls().get(0).end(RpcStatus.OK);

    removal.cancel();

    assertThat(primary.rpcs()).containsExactly("ImageStatus");
    assertThat(secondary.rpcs()).containsExactly("ImageStatus");
    assertThat(secondary.calls()).allMatch(HeldRuntime.Held::isCancelled);
    assertOver(removal);
  }

  private static ByteString present() {
    return ImageStatusResponse.newBuilder()
        .setImage(Image.newBuilder().setId(IMAGE))
        .build()
        .toByteString();
  }

  @Test
  void aResponseAfterTheCancellationIsNotDelivered() {
    hold();
    RawCall list = RawCall.start(router, "ListPodSandbox", ByteString.EMPTY);
    list.cancel();

    calls().forEach(call -> call.answer(ByteString.EMPTY));

    assertThat(list.messages()).isEmpty();
    assertOver(list);
  }

  @Test
  void manyCancelledCallsLeaveNoTimers() {
    hold();
    for (int i = 0; i < 100; i++) {
      rpcs().forEach(rpc -> RawCall.start(router, rpc.getName(), forASecondary(rpc)).cancel());
    }

    assertNothingIsLeft();
  }
}
