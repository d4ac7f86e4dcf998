package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcStatus;
import io.crirouter.grpc.GrpcBackend;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.testkit.CallMatcher;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.RecordedCall;
import io.crirouter.testkit.RouterExtension;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Invalid input of broken or hostile clients at the socket. After each test the router still
 * serves, and no call is left.
 */
class BadInputTest {
  private static final String VIRTLET = "virtlet.cloud";
  private static final int MEBIBYTE = 1 << 20;

  @RegisterExtension
  static final RouterExtension ROUTER =
      RouterExtension.builder().primary("containerd").secondary(VIRTLET).build();

  @AfterEach
  void serves() {
    assertThat(
            ROUTER.client().runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName())
        .isEqualTo("containerd");
    ROUTER.runtime("containerd").journal().clear();
    ROUTER.runtime(VIRTLET).journal().clear();
  }

  static Stream<String> rpcs() {
    return CriMethod.all().stream().map(CriMethod::name);
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void aMalformedRequestIsRefused(String rpc) {
    // A first field that claims to be longer than the message.
    ByteString malformed = ByteString.fromHex("0a7f00");
    try (GrpcBackend client = GrpcBackend.connect(ROUTER.socket())) {
      RpcStatus status = RawCall.start(client, rpc, malformed).status();

      assertThat(status.code()).as("%s", status).isEqualTo(RpcStatus.Code.INVALID_ARGUMENT);
      assertThat(status.message()).contains("malformed", rpc);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "runtime.v1.RuntimeService/Frobnicate",
        "runtime.v1.ImageService/Version",
        "runtime.v2.RuntimeService/Version",
        "grpc.health.v1.Health/Check"
      })
  void anUnknownMethodIsUnimplemented(String method) {
    MethodDescriptor<VersionRequest, ?> unknown =
        RuntimeServiceGrpc.getVersionMethod().toBuilder().setFullMethodName(method).build();

    assertFails(
        () ->
            ClientCalls.blockingUnaryCall(
                ROUTER.client().channel(),
                unknown,
                CallOptions.DEFAULT,
                VersionRequest.getDefaultInstance()),
        Status.Code.UNIMPLEMENTED);

    // Runtimes may get calls of the router itself.
    ROUTER.timeline().verify(0, CallMatcher.any().at("client"));
  }

  private static RunPodSandboxRequest withAnnotationOf(int bytes) {
    return RunPodSandboxRequest.newBuilder()
        .setConfig(Pods.on(VIRTLET, "big").putAnnotations("big", "x".repeat(bytes)))
        .build();
  }

  @Test
  void anOversizedRequestIsRefused() {
    assertFails(
        () -> ROUTER.client().runtime().runPodSandbox(withAnnotationOf(64 * MEBIBYTE)),
        Status.Code.RESOURCE_EXHAUSTED);

    assertThat(ROUTER.runtime(VIRTLET).journal().callsOf("RunPodSandbox")).isEmpty();
  }

  @Test
  void aRequestBelowTheLimitPasses() {
    String directory = "/" + "x".repeat(15 * MEBIBYTE);
    RunPodSandboxRequest.Builder request = RunPodSandboxRequest.newBuilder();
    request.setConfig(Pods.on(VIRTLET, "big").setLogDirectory(directory));

    String pod = ROUTER.client().runtime().runPodSandbox(request.build()).getPodSandboxId();

    assertThat(
            ROUTER
                .runtime(VIRTLET)
                .journal()
                .callsOf("RunPodSandbox")
                .get(0)
                .request(RunPodSandboxRequest.class)
                .getConfig()
                .getLogDirectory())
        .isEqualTo(directory);
    remove(pod);
  }

  private static void remove(String pod) {
    var unused =
        ROUTER
            .client()
            .runtime()
            .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
  }

  @Test
  void aDisconnectedClientCancelsItsCall() {
    ROUTER.runtime(VIRTLET).hang("StopPodSandbox");
    try (CriClient vanishing = CriClient.connect(ROUTER.socket())) {
      var unused =
          vanishing.stream(
              RuntimeServiceGrpc.getStopPodSandboxMethod(),
              StopPodSandboxRequest.newBuilder().setPodSandboxId("virt__1").build());
      RecordedCall call = ROUTER.runtime(VIRTLET).journal().takeCall("StopPodSandbox");

      vanishing.close();

      assertThat(call.awaitStatus().code()).isEqualTo(RpcStatus.Code.CANCELLED);
    }
    ROUTER.runtime(VIRTLET).resume();
  }

  @Test
  void aDisconnectedClientCancelsItsMergedCall() {
    ROUTER.runtime("containerd").hang("ListPodSandbox");
    ROUTER.runtime(VIRTLET).hang("ListPodSandbox");
    try (CriClient vanishing = CriClient.connect(ROUTER.socket())) {
      var unused =
          vanishing.<ListPodSandboxRequest, ListPodSandboxResponse>stream(
              RuntimeServiceGrpc.getListPodSandboxMethod(),
              ListPodSandboxRequest.getDefaultInstance());
      RecordedCall one = ROUTER.runtime("containerd").journal().takeCall("ListPodSandbox");
      RecordedCall other = ROUTER.runtime(VIRTLET).journal().takeCall("ListPodSandbox");

      vanishing.close();

      assertThat(one.awaitStatus().code()).isEqualTo(RpcStatus.Code.CANCELLED);
      assertThat(other.awaitStatus().code()).isEqualTo(RpcStatus.Code.CANCELLED);
    }
    ROUTER.runtime("containerd").resume();
    ROUTER.runtime(VIRTLET).resume();
  }

  @Test
  void aDisconnectedClientCancelsItsSubscription() {
    try (CriClient vanishing = CriClient.connect(ROUTER.socket())) {
      var unused = vanishing.events();
      RecordedCall one = ROUTER.runtime("containerd").journal().takeCall("GetContainerEvents");
      RecordedCall other = ROUTER.runtime(VIRTLET).journal().takeCall("GetContainerEvents");

      vanishing.close();

      assertThat(one.awaitStatus().code()).isEqualTo(RpcStatus.Code.CANCELLED);
      assertThat(other.awaitStatus().code()).isEqualTo(RpcStatus.Code.CANCELLED);
    }
  }

  @Test
  void aClientWithoutHttp2IsDisconnected() throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(ROUTER.socket()))) {
      channel.write(ByteBuffer.wrap("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII)));

      ByteBuffer answer = ByteBuffer.allocate(MEBIBYTE);
      while (channel.read(answer) >= 0) {
        assertThat(answer.hasRemaining()).as("the connection is closed before long").isTrue();
      }
    }
  }

  @Test
  void aPassedDeadlineEndsTheCallAtTheRuntime() {
    ROUTER.runtime(VIRTLET).hang("StopPodSandbox");

    assertFails(
        () ->
            ROUTER
                .client()
                .withDeadline(Duration.ofMillis(200))
                .runtime()
                .stopPodSandbox(
                    StopPodSandboxRequest.newBuilder().setPodSandboxId("virt__1").build()),
        Status.Code.DEADLINE_EXCEEDED);

    assertThat(ROUTER.runtime(VIRTLET).journal().takeCall("StopPodSandbox").awaitStatus().isOk())
        .isFalse();
    ROUTER.runtime(VIRTLET).resume();
  }
}
