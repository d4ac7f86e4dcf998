package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.UpdateRuntimeConfigRequest;
import io.crirouter.testkit.RecordedCall;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that are open when a hung secondary is lost. */
class OpenCallsTest {
  private static final Duration UNTIL_LOST = Duration.ofSeconds(15);
  private static final Duration GRACE = Duration.ofSeconds(30);
  private static final Duration ONE_MILLISECOND = Duration.ofMillis(1);

  private final Node node = Node.create();
  private final String pod = node.runOnVirtlet("special");
  private final String container = node.start(pod, "main");

  private ByteString request(String rpc) {
    return switch (rpc) {
      case "ExecSync" ->
          ExecSyncRequest.newBuilder()
              .setContainerId(container)
              .addCmd("true")
              .build()
              .toByteString();
      case "PodSandboxStatus" ->
          PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build().toByteString();
      case "PullImage" ->
          PullImageRequest.newBuilder()
              .setImage(ImageCalls.bare("cirros"))
              .setSandboxConfig(Pods.on(VIRTLET, "special"))
              .build()
              .toByteString();
      case "RunPodSandbox" ->
          RunPodSandboxRequest.newBuilder()
              .setConfig(Pods.on(VIRTLET, "new"))
              .build()
              .toByteString();
      default -> ByteString.EMPTY;
    };
  }

  private RawCall start(String rpc) {
    return RawCall.start(node.router, rpc, request(rpc));
  }

  private Phase phase() {
    return node.router.backends().get(1).phase();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ExecSync", "PodSandboxStatus", "PullImage", "RunPodSandbox"})
  void openCallsEndThirtySecondsAfterTheLoss(String rpc) {
    node.virtlet.hang();
    node.virtlet.journal().clear();
    RawCall call = start(rpc);
    RecordedCall sent = node.virtlet.journal().takeCall(rpc);
    node.clock.advance(UNTIL_LOST);
    assertThat(phase()).isEqualTo(Phase.LOST);

    node.clock.advance(GRACE.minus(ONE_MILLISECOND));
    assertThat(call.isClosed()).isFalse();
    node.clock.advance(ONE_MILLISECOND);

    assertThat(call.isClosed()).isTrue();
    assertThat(call.status().code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(call.status().message()).contains("virtlet.cloud", node.virtlet.address());
    assertThat(sent.awaitStatus().code()).isEqualTo(Code.CANCELLED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ExecSync", "PodSandboxStatus", "PullImage", "RunPodSandbox"})
  void openCallsContinueIfTheSecondaryRecovers(String rpc) {
    node.virtlet.delay(rpc, Duration.ofMinutes(2));
    RawCall call = start(rpc);
    node.virtlet.hang("Version");
    node.clock.advance(UNTIL_LOST);
    assertThat(phase()).isEqualTo(Phase.LOST);

    node.clock.advance(Duration.ofSeconds(20));
    node.virtlet.resume();
    node.clock.advance(Duration.ofSeconds(7));
    assertThat(phase()).isEqualTo(Phase.READY);
    node.clock.advance(Duration.ofMinutes(1));
    assertThat(call.isClosed()).isFalse();

    node.clock.advance(Duration.ofSeconds(18));
    assertThat(call.status().isOk()).as("%s", call.status()).isTrue();
  }

  @Test
  void openCallsHaveThirtySecondsAfterASecondLossToo() {
    node.virtlet.delay("ExecSync", Duration.ofMinutes(2));
    RawCall call = start("ExecSync");
    node.virtlet.hang("Version");
    node.clock.advance(UNTIL_LOST);
    node.virtlet.resume();
    node.clock.advance(Duration.ofSeconds(2));
    assertThat(phase()).isEqualTo(Phase.READY);

    node.virtlet.hang("Version");
    node.clock.advance(UNTIL_LOST);
    assertThat(phase()).isEqualTo(Phase.LOST);
    node.clock.advance(GRACE.minusSeconds(3));
    assertThat(call.isClosed()).isFalse();
    node.clock.advance(Duration.ofSeconds(3));

    assertThat(call.status().code()).isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void aResponseWithinThirtySecondsOfTheLossIsDelivered() {
    node.virtlet.delay("ExecSync", Duration.ofSeconds(40));
    RawCall call = start("ExecSync");
    node.virtlet.hang("Version");

    node.clock.advance(Duration.ofSeconds(40));

    assertThat(call.status().isOk()).as("%s", call.status()).isTrue();
  }

  @Test
  void callsToAHungPrimaryContinue() {
    String plain = node.runOnContainerd("plain");
    node.containerd.hang();
    RawCall call =
        RawCall.start(
            node.router,
            "PodSandboxStatus",
            PodSandboxStatusRequest.newBuilder().setPodSandboxId(plain).build().toByteString());

    node.clock.advance(Duration.ofMinutes(5));
    assertThat(call.isClosed()).isFalse();
    node.containerd.resume();

    assertThat(call.status().isOk()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ListPodSandbox", "StreamContainers", "ListImages"})
  void listsDoNotWaitForASecondaryThatDoesNotAnswerVersion(String rpc) {
    node.virtlet.hang();
    node.clock.advance(UNTIL_LOST.minusMillis(100));

    RawCall call = start(rpc);

    assertThat(phase()).isEqualTo(Phase.READY);
    assertThat(call.isClosed()).as("at once").isTrue();
    call.answer();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ListContainerStats", "ListPodSandboxMetrics", "ImageFsInfo"})
  void aMergedCallStopsWaitingForALostSecondary(String rpc) {
    node.virtlet.hang();
    node.clock.advance(UNTIL_LOST.minusMillis(100));

    RawCall call = start(rpc);
    assertThat(call.isClosed()).isFalse();
    node.clock.advance(Duration.ofMillis(100));

    assertThat(phase()).isEqualTo(Phase.LOST);
    assertThat(call.isClosed()).as("as soon as it is lost").isTrue();
    call.answer();
  }

  @Test
  void updateRuntimeConfigStopsWaitingForALostSecondary() {
    node.virtlet.hang();

    RawCall call =
        RawCall.start(
            node.router,
            "UpdateRuntimeConfig",
            UpdateRuntimeConfigRequest.getDefaultInstance().toByteString());
    node.clock.advance(UNTIL_LOST);

    assertThat(call.isClosed()).as("as soon as it is lost").isTrue();
    call.answer();
  }

  @Test
  void removeImageStopsWaitingForALostSecondary() {
    String here = node.containerd.pullImage("nginx").getId();
    new ImageCalls(node.client).list();
    node.virtlet.hang();

    RawCall call =
        RawCall.start(
            node.router,
            "RemoveImage",
            RemoveImageRequest.newBuilder().setImage(ImageCalls.bare(here)).build().toByteString());
    node.clock.advance(UNTIL_LOST);

    assertThat(call.isClosed()).as("as soon as it is lost").isTrue();
    call.answer();
    assertThat(node.containerd.images()).noneMatch(image -> image.getId().equals(here));
  }
}
