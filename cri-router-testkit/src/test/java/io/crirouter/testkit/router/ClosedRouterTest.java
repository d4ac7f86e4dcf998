package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.testkit.FakeRuntimeBuilder;
import io.crirouter.testkit.RecordedCall;
import io.crirouter.testkit.ResponseStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A closed router and an ended merged call leave no timers and no open calls. */
class ClosedRouterTest {
  /** The time after which a runtime without events was polled. */
  private static final Duration ONE_MINUTE = Duration.ofSeconds(61);

  static Stream<Named<UnaryOperator<FakeRuntimeBuilder>>> secondaries() {
    return Stream.of(
        Named.of("with events", fake -> fake),
        Named.of("without events", fake -> fake.without("GetContainerEvents")));
  }

  private static Node node(UnaryOperator<FakeRuntimeBuilder> virtlet) {
    return Node.builder()
        .virtlet(virtlet)
        .configure(builder -> builder.stateStore(new MemoryStateStore()))
        .build();
  }

  @ParameterizedTest
  @MethodSource("secondaries")
  void eventsEndAfterClose(UnaryOperator<FakeRuntimeBuilder> virtlet) {
    Node node = node(virtlet);
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      node.runOnVirtlet("a");
      node.clock.advance(ONE_MINUTE);
      assertThat(events.poll()).isPresent();

      node.router.close();

      assertThat(node.containerd.eventSubscribers()).isZero();
      assertThat(node.virtlet.eventSubscribers()).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("secondaries")
  void noTimersAreLeftAfterClose(UnaryOperator<FakeRuntimeBuilder> virtlet) {
    Node node = node(virtlet);
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      node.runOnVirtlet("a");
      node.clock.advance(ONE_MINUTE);
      node.runOnVirtlet("b");
      assertThat(events.poll()).isPresent();

      node.router.close();

      assertThat(node.clock.pendingTasks()).isZero();
    }
  }

  @Test
  void noTimersAreLeftWhenASecondaryIsLost() {
    Node node = node(fake -> fake);
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      node.runOnVirtlet("a");
      node.virtlet.down();
      node.clock.advance(Duration.ofSeconds(1));
      assertThat(events.poll()).isPresent();

      node.router.close();

      assertThat(node.clock.pendingTasks()).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("secondaries")
  void noRuntimeIsCalledAfterClose(UnaryOperator<FakeRuntimeBuilder> virtlet) {
    Node node = node(virtlet);
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      node.runOnVirtlet("a");
      node.clock.advance(ONE_MINUTE);
      assertThat(events.poll()).isPresent();
      node.router.close();
      node.containerd.journal().clear();
      node.virtlet.journal().clear();

      node.virtlet.down();
      node.virtlet.up();
      node.clock.advance(Duration.ofMinutes(5));

      assertThat(node.containerd.journal().calls()).isEmpty();
      assertThat(node.virtlet.journal().calls()).isEmpty();
    }
  }

  @Test
  void noRuntimeIsCalledAfterCloseWhileConnecting() {
    Node node = Node.builder().virtletStartsLate().build();
    node.virtlet.delay("ListPodSandbox", Duration.ofSeconds(1));
    node.virtlet.up();
    node.router.close();
    node.virtlet.journal().clear();

    node.clock.advance(Duration.ofMinutes(1));

    assertThat(node.virtlet.journal().calls()).isEmpty();
  }

  /** The primary answers before the secondary is called. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "ListPodSandbox",
        "StreamContainers",
        "ListImages",
        "ListContainerStats",
        "ListPodSandboxMetrics",
        "ImageFsInfo"
      })
  void aFailureOfThePrimaryEndsTheCallAtTheSecondary(String rpc) {
    Node node = Node.create();
    int timers = node.clock.pendingTasks();
    node.virtlet.hang(rpc);
    node.containerd.failNext(rpc, Code.DATA_LOSS, "page 7 is corrupt");

    RawCall call = RawCall.start(node.router, rpc, ByteString.EMPTY);

    assertThat(call.status().code()).isEqualTo(Code.DATA_LOSS);
    assertNothingIsLeft(node, rpc, timers);
  }

  /** The primary answers during the call of the secondary, as from another thread. */
  @ParameterizedTest
  @ValueSource(strings = {"ListPodSandbox", "StreamContainers", "ListImages", "ImageFsInfo"})
  void aFailureOfThePrimaryDuringTheFanOutEndsTheCallAtTheSecondary(String rpc) {
    AtomicReference<Runnable> whenAsked = new AtomicReference<>(() -> {});
    Node node =
        Node.builder()
            .beforeVirtlet(
                runtime ->
                    (request, listener) -> {
                      if (request.method().name().equals(rpc)) {
                        whenAsked.get().run();
                      }
                      return runtime.start(request, listener);
                    })
            .build();
    int timers = node.clock.pendingTasks();
    node.containerd.hang(rpc);
    node.containerd.failNext(rpc, Code.DATA_LOSS, "page 7 is corrupt");
    node.virtlet.hang(rpc);
    whenAsked.set(node.containerd::resume);

    RawCall call = RawCall.start(node.router, rpc, ByteString.EMPTY);

    assertThat(call.status().code()).isEqualTo(Code.DATA_LOSS);
    assertNothingIsLeft(node, rpc, timers);
  }

  @Test
  void aSearchAnsweredByThePrimaryEndsAtTheSecondary() {
    Node node = Node.create();
    int timers = node.clock.pendingTasks();
    String image = node.containerd.images().get(0).getId();
    node.virtlet.hang("ImageStatus");

    RawCall call =
        RawCall.start(
            node.router,
            "ImageStatus",
            ImageStatusRequest.newBuilder()
                .setImage(ImageCalls.bare(image))
                .build()
                .toByteString());

    assertThat(call.status().isOk()).isTrue();
    assertNothingIsLeft(node, "ImageStatus", timers);
  }

  private static void assertNothingIsLeft(Node node, String rpc, int timers) {
    assertThat(node.virtlet.journal().callsOf(rpc))
        .extracting(RecordedCall::status)
        .allSatisfy(
            status ->
                assertThat(status)
                    .hasValueSatisfying(end -> assertThat(end.code()).isEqualTo(Code.CANCELLED)));
    assertThat(node.clock.pendingTasks()).as("timers").isEqualTo(timers);
  }
}
