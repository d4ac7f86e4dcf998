package io.crirouter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.StreamPodSandboxesResponse;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Responses that are malformed, never complete or are oversized. */
class FakeRuntimeMalformedTest {
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final int BOUND = 64 << 20;

  private final ManualScheduler time = new ManualScheduler();
  private final FakeRuntime runtime =
      FakeRuntime.named("vm").scheduler(time).images("busybox").build();
  private final CriClient client = CriClient.of(runtime);
  private final String pod = Requests.runPod(client, "web");

  private RawResponse call(String rpc) {
    return RawResponse.of(runtime, CriMethod.of(rpc));
  }

  static Stream<Consumer<FakeRuntime>> damages() {
    return Stream.of(
        runtime -> runtime.garble("ListPodSandbox"),
        runtime -> runtime.garbleText("ListPodSandbox"),
        runtime -> runtime.truncate("ListPodSandbox"));
  }

  @ParameterizedTest
  @MethodSource("damages")
  void responsesAreMalformedUntilHeal(Consumer<FakeRuntime> damage) throws Exception {
    damage.accept(runtime);
    for (int i = 0; i < 2; i++) {
      RawResponse list = call("ListPodSandbox");
      assertThat(list.status().isOk()).isTrue();
      assertThat(parses(list.messages.get(0))).isFalse();
    }

    runtime.heal();
    assertThat(parses(call("ListPodSandbox").messages.get(0))).isTrue();
  }

  private static boolean parses(ByteString list) {
    try {
      return ListPodSandboxResponse.parseFrom(list).isInitialized();
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  @Test
  void garbageIsInANestedMessage() {
    runtime.garble("ListContainers");

    ByteString list = call("ListContainers").messages.get(0);

    assertThat(list)
        .as("containers { metadata { field 0, wire type 7 } }")
        .isEqualTo(ByteString.fromHex("0a031a0107"));
  }

  @Test
  void garbleTextNeedsAStringField() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> runtime.garbleText("StartContainer"))
        .withMessageContaining("StartContainer");
  }

  @Test
  void aCallWithAMalformedResponseIsCarriedOut() {
    runtime.truncate("RunPodSandbox");

    RawResponse run =
        RawResponse.of(
            runtime,
            CriRequest.of(CriMethod.of("RunPodSandbox"), Requests.pod("other").toByteString()));

    assertThat(run.status().isOk()).isTrue();
    assertThat(runtime.pods()).hasSize(2);
  }

  @Test
  void aTricklingStreamRepeatsItsMessageUntilItIsCancelled() throws Exception {
    runtime.trickle(INTERVAL, "StreamPodSandboxes");
    RawResponse list = call("StreamPodSandboxes");
    list.call.request(1000);
    assertThat(list.messages).hasSize(1);

    time.advance(INTERVAL.multipliedBy(3));

    assertThat(list.messages).hasSize(4);
    for (ByteString message : list.messages) {
      assertThat(StreamPodSandboxesResponse.parseFrom(message).getPodSandboxes(0).getId())
          .isEqualTo(pod);
    }
    list.call.cancel("enough");
    assertThat(list.status().code()).isEqualTo(RpcStatus.Code.CANCELLED);
    assertThat(time.pendingTasks()).isZero();
  }

  @Test
  void aTricklingUnaryResponseEndsOnlyAtTheDeadline() {
    runtime.trickle(INTERVAL, "ListPodSandbox");

    RawResponse list =
        RawResponse.of(
            runtime,
            CriRequest.of(CriMethod.of("ListPodSandbox"), ByteString.EMPTY)
                .withTimeoutNanos(INTERVAL.toNanos()));

    assertThat(list.messages).hasSize(1);
    assertThat(list.isClosed()).isFalse();
    time.advance(INTERVAL);
    assertThat(list.status().code()).isEqualTo(RpcStatus.Code.DEADLINE_EXCEEDED);
  }

  @Test
  void aFailedCallDoesNotTrickle() {
    runtime.trickle(INTERVAL, "ContainerStatus");

    RawResponse status =
        RawResponse.of(
            runtime,
            CriRequest.of(
                CriMethod.of("ContainerStatus"),
                ContainerStatusRequest.newBuilder().setContainerId("none").build().toByteString()));

    assertThat(status.status().code()).isEqualTo(RpcStatus.Code.NOT_FOUND);
  }

  @Test
  void anOversizedResponseIsWellFormed() throws Exception {
    Requests.startNew(client, pod, "main");
    runtime.flood("ListContainers");

    ByteString list = call("ListContainers").messages.get(0);

    assertThat(list.size()).isGreaterThan(BOUND);
    assertThat(ListContainersResponse.parseFrom(list).getContainersList())
        .extracting(item -> item.getPodSandboxId())
        .containsExactly(pod);
  }

  @Test
  void aFloodHonoursDemandAndDoesNotEnd() {
    runtime.flood("StreamPodSandboxes");
    RawResponse list = call("StreamPodSandboxes");
    time.advance(INTERVAL);
    assertThat(list.messages).as("demand for one").hasSize(1);

    list.call.request(100);
    time.advance(INTERVAL);

    assertThat(list.messages).hasSize(101);
    assertThat(list.messages.stream().mapToLong(ByteString::size).sum()).isGreaterThan(BOUND);
    assertThat(list.isClosed()).isFalse();
    list.call.cancel("enough");
    assertThat(time.pendingTasks()).isZero();
  }
}
