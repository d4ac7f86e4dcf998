package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ResponseStream;
import io.grpc.Status;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Refused subscriptions and malformed events, and their effect on the client. */
class EventRefusalTest {
  private static final String RPC = "GetContainerEvents";

  private final EventNode node = EventNode.start();
  private final FakeRuntime primary = node.primary();
  private final FakeRuntime virtlet = node.virtlet();

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void aRefusedSubscriptionOfASecondaryIsRetried() {
    virtlet.failNext(RPC, Code.INTERNAL, "not now");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      assertThat(virtlet.eventSubscribers()).isZero();

      node.runPod(virtlet, "vm");
      node.advance(Duration.ofSeconds(2));

      assertThat(virtlet.eventSubscribers()).isOne();
      assertThat(node.received(events)).as("what was missed").containsExactly("vm STARTED");
    }
  }

  @Test
  void aMalformedEventIsSkipped() {
    virtlet.respondWithBytes(RPC, ByteString.copyFromUtf8("\u0007 is no field"));
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      node.advance(Duration.ofSeconds(2));
      node.runPod(virtlet, "vm");

      assertThat(node.received(events)).containsExactly("vm CREATED", "vm STARTED");
    }
  }

  @Test
  void anEventOfAnUnknownTypePasses() {
    ContainerEventResponse strange =
        ContainerEventResponse.newBuilder()
            .setContainerId("abc")
            .setContainerEventTypeValue(17)
            .build();
    virtlet.respondWithBytes(RPC, strange.toByteString());
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      ContainerEventResponse event = events.next();

      assertThat(event.getContainerId()).isEqualTo("virt__abc");
      assertThat(event.getContainerEventTypeValue()).isEqualTo(17);
    }
  }

  @Test
  void unimplementedOfThePrimaryIsPassedOn() {
    try (EventNode old = EventNode.withPrimary(runtime -> runtime.without(RPC));
        ResponseStream<ContainerEventResponse> events = old.listen()) {
      assertThat(events.awaitEnd().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
      assertThat(old.virtlet().eventSubscribers()).isZero();
    }
  }

  @Test
  void aRestartedPrimaryWithoutEventsEndsTheStream() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      node.runPod(primary, "web");
      primary.down();
      primary.failAlways(RPC, RpcStatus.of(Code.UNIMPLEMENTED, "unknown method"));
      primary.up();
      node.advance(Duration.ofSeconds(1));

      Status end = events.awaitEnd();
      assertThat(end.getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
      assertThat(end.getDescription()).isEqualTo("unknown method");
    }
  }

  @Test
  void aFailureOfTheFirstSubscriptionOfThePrimaryIsPassedOn() {
    primary.failNext(RPC, Code.PERMISSION_DENIED, "events are switched off");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      Status end = events.awaitEnd();
      assertThat(end.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
      assertThat(end.getDescription()).isEqualTo("events are switched off");
      assertThat(virtlet.eventSubscribers()).isZero();
    }
  }

  @Test
  void aPrimaryThatIsDownAtTheFirstSubscriptionIsNamed() {
    primary.down();
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      Status end = events.awaitEnd();
      assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(end.getDescription()).contains("containerd");
    }
  }

  @Test
  void aLaterFailureOfThePrimaryDoesNotEndTheStream() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      primary.down();
      primary.failNext(RPC, Code.INTERNAL, "still starting");
      primary.up();
      node.advance(Duration.ofSeconds(5));
      node.runPod(primary, "web");

      assertThat(node.received(events)).containsExactly("web CREATED", "web STARTED");
    }
  }
}
