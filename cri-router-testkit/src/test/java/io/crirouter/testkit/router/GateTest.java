package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.CriServices;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Calls to a secondary are sent while it is ready, wait while it connects, and are refused
 * otherwise.
 */
class GateTest {
  private static final Duration UNTIL_LOST = Duration.ofSeconds(15);
  private static final Duration ONE_MILLISECOND = Duration.ofMillis(1);

  private final Node node = Node.create();
  private final String pod = node.runOnVirtlet("special");
  private final String container = node.start(pod, "main");

  /** All rpcs about one sandbox or container, and those that create one. */
  static List<String> rpcs() {
    Stream<String> byId =
        allRpcs()
            .filter(
                rpc ->
                    rpc.getInputType().findFieldByName("pod_sandbox_id") != null
                        || rpc.getInputType().findFieldByName("container_id") != null)
            .map(MethodDescriptor::getName);
    return Stream.concat(byId, Stream.of("RunPodSandbox", "PullImage")).toList();
  }

  private static Stream<MethodDescriptor> allRpcs() {
    return CriServices.getDescriptor().getServices().stream()
        .flatMap(service -> service.getMethods().stream());
  }

  private ByteString request(String name) {
    if (name.equals("RunPodSandbox")) {
      return RunPodSandboxRequest.newBuilder()
          .setConfig(Pods.on(VIRTLET, "new"))
          .build()
          .toByteString();
    }
    if (name.equals("PullImage")) {
      return PullImageRequest.newBuilder()
          .setImage(ImageCalls.bare("cirros"))
          .setSandboxConfig(Pods.on(VIRTLET, "new"))
          .build()
          .toByteString();
    }
    MethodDescriptor rpc =
        allRpcs().filter(any -> any.getName().equals(name)).findFirst().orElseThrow();
    DynamicMessage.Builder request = DynamicMessage.newBuilder(rpc.getInputType());
    FieldDescriptor sandboxId = rpc.getInputType().findFieldByName("pod_sandbox_id");
    FieldDescriptor containerId = rpc.getInputType().findFieldByName("container_id");
    if (sandboxId != null) {
      request.setField(sandboxId, pod);
    } else {
      request.setField(containerId, container);
    }
    return request.build().toByteString();
  }

  private RawCall start(String rpc) {
    return RawCall.start(node.router, rpc, request(rpc));
  }

  private void assertRefusedWithoutSending(String rpc) {
    node.virtlet.journal().clear();

    RawCall call = start(rpc);

    assertThat(call.isClosed()).as("at once").isTrue();
    assertThat(call.status().code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(call.status().message()).contains("virtlet.cloud", node.virtlet.address());
    node.virtlet.resume();
    node.virtlet.up();
    node.clock.advance(Duration.ofMinutes(1));
    assertThat(node.virtlet.journal().callsOf(rpc)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void callsToALostHungSecondaryAreNotSent(String rpc) {
    node.virtlet.hang();
    node.clock.advance(UNTIL_LOST);

    assertRefusedWithoutSending(rpc);
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void callsDoNotWaitForTheNextProbeOfAHungSecondary(String rpc) {
    node.virtlet.hang();
    node.clock.advance(UNTIL_LOST.plusSeconds(2));

    assertRefusedWithoutSending(rpc);
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void callsToALostSecondaryAreNotSent(String rpc) {
    node.virtlet.down();

    assertRefusedWithoutSending(rpc);
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void callsWaitForAConnectingSecondary(String rpc) {
    node.virtlet.down();
    node.clock.advance(Duration.ofSeconds(1));
    node.virtlet.delay("Version", Duration.ofSeconds(2));
    node.virtlet.up();
    node.virtlet.journal().clear();

    RawCall call = start(rpc);
    node.clock.advance(Duration.ofSeconds(2).minus(ONE_MILLISECOND));
    assertThat(call.isClosed()).isFalse();
    assertThat(node.virtlet.journal().callsOf(rpc)).isEmpty();
    node.clock.advance(ONE_MILLISECOND);

    assertThat(node.virtlet.journal().callsOf(rpc)).hasSize(1);
    assertThat(call.isClosed()).isTrue();
  }

  /** Starts the secondary, which answers Version at once but needs eight seconds for its lists. */
  private void connectSlowly() {
    node.virtlet.down();
    node.clock.advance(Duration.ofSeconds(1));
    node.virtlet.delay("ListPodSandbox", Duration.ofSeconds(4));
    node.virtlet.delay("ListContainers", Duration.ofSeconds(4));
    node.virtlet.up();
    node.virtlet.journal().clear();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PodSandboxStatus", "ExecSync", "PullImage", "RunPodSandbox"})
  void callsWaitFiveSecondsAtMost(String rpc) {
    connectSlowly();

    RawCall call = start(rpc);
    node.clock.advance(Duration.ofSeconds(5).minus(ONE_MILLISECOND));
    assertThat(call.isClosed()).isFalse();
    node.clock.advance(ONE_MILLISECOND);

    assertThat(call.status().code()).isEqualTo(Code.UNAVAILABLE);
    node.clock.advance(Duration.ofMinutes(1));
    assertThat(node.virtlet.journal().callsOf(rpc)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PodSandboxStatus", "ExecSync", "PullImage", "RunPodSandbox"})
  void callsWaitUntilTheirDeadlineAtMost(String rpc) {
    connectSlowly();

    RawCall call =
        RawCall.start(
            node.router,
            CriRequest.of(CriMethod.of(rpc), request(rpc))
                .withTimeoutNanos(Duration.ofSeconds(2).toNanos()));
    node.clock.advance(Duration.ofSeconds(2));

    assertThat(call.status().code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    node.clock.advance(Duration.ofMinutes(1));
    assertThat(node.virtlet.journal().callsOf(rpc)).isEmpty();
  }

  @Test
  void aCallCancelledWhileWaitingIsNotSent() {
    connectSlowly();

    RawCall call = start("ExecSync");
    call.cancel();

    assertThat(call.status().code()).isEqualTo(Code.CANCELLED);
    node.clock.advance(Duration.ofMinutes(1));
    assertThat(node.virtlet.journal().callsOf("ExecSync")).isEmpty();
  }

  @Test
  void callsDoNotWaitForTheSecondProbeOfAHungNewSecondary() {
    Node late = Node.builder().virtletStartsLate().build();
    late.virtlet.hang();
    late.virtlet.up();
    late.clock.advance(Duration.ofSeconds(6));

    RawCall call = RawCall.start(late.router, "RunPodSandbox", request("RunPodSandbox"));

    assertThat(call.isClosed()).as("at once").isTrue();
    assertThat(call.status().code()).isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void callsToOtherRuntimesAreNotAffectedByALostSecondary() {
    String plain = node.runOnContainerd("plain");
    node.virtlet.hang();
    node.clock.advance(UNTIL_LOST);

    PodSandboxStatusRequest request =
        PodSandboxStatusRequest.newBuilder().setPodSandboxId(plain).build();
    RawCall call = RawCall.start(node.router, "PodSandboxStatus", request.toByteString());

    assertThat(call.isClosed()).isTrue();
    assertThat(call.status().isOk()).isTrue();
  }
}
