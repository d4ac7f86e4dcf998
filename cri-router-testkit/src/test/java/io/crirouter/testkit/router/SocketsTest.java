package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.UpdateRuntimeConfigRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.ResponseStream;
import io.crirouter.testkit.RouterExtension;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Behaviour over real sockets: lost and returned runtimes, errors and deadlines. */
class SocketsTest {
  private static final String VIRTLET = "virtlet.cloud";

  @RegisterExtension
  final RouterExtension router =
      RouterExtension.builder()
          .primary("containerd")
          .secondary(VIRTLET)
          .secondary("late.io")
          .absent("late.io")
          .build();

  private static RunPodSandboxRequest request(PodSandboxConfig.Builder config) {
    return RunPodSandboxRequest.newBuilder().setConfig(config).build();
  }

  private String run(PodSandboxConfig.Builder config) {
    return router.client().runtime().runPodSandbox(request(config)).getPodSandboxId();
  }

  private void stopPod(String pod) {
    var unused =
        router
            .client()
            .runtime()
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
  }

  private void status(String pod) {
    var unused =
        router
            .client()
            .runtime()
            .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build());
  }

  @Test
  void errorsOfARuntimeReachTheClientUnchanged() {
    String pod = run(Pods.on(VIRTLET, "a"));
    byte[] details = {8, 9, 18, 0, -1};
    String message = "100 % of «/var» is full\nfree 1 GiB";
    router
        .runtime(VIRTLET)
        .failNext(
            "StopPodSandbox",
            RpcStatus.fromRuntime(
                RpcStatus.Code.RESOURCE_EXHAUSTED,
                message,
                CallMetadata.EMPTY
                    .with("grpc-status-details-bin", ByteString.copyFrom(details))
                    .with("x-hint", ByteString.copyFromUtf8("retry later"))));

    assertThatExceptionOfType(StatusRuntimeException.class)
        .isThrownBy(() -> stopPod(pod))
        .satisfies(
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
              assertThat(e.getStatus().getDescription()).isEqualTo(message);
              Metadata trailers = e.getTrailers();
              assertThat(
                      trailers.get(
                          Metadata.Key.of(
                              "grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER)))
                  .isEqualTo(details);
              assertThat(trailers.get(Metadata.Key.of("x-hint", Metadata.ASCII_STRING_MARSHALLER)))
                  .isEqualTo("retry later");
            });
  }

  @Test
  void aLostRuntimeIsNamedWithItsSocket() {
    String pod = run(Pods.on(VIRTLET, "a"));
    router.stop(VIRTLET);
    router.awaitLost(VIRTLET);

    assertFails(
        () -> status(pod),
        Status.Code.UNAVAILABLE,
        VIRTLET,
        "unix:" + router.socket(VIRTLET),
        "lost");
    assertFails(
        () -> run(Pods.on(VIRTLET, "b")),
        Status.Code.UNAVAILABLE,
        VIRTLET,
        "unix:" + router.socket(VIRTLET));
  }

  @Test
  void aRuntimeThatWasNeverSeenIsNamedWithItsSocket() {
    assertFails(
        () -> run(Pods.on("late.io", "a")),
        Status.Code.UNAVAILABLE,
        "late.io",
        "unix:" + router.socket("late.io"));
  }

  @Test
  void podsOfALateRuntimeStart() {
    UpdateRuntimeConfigRequest.Builder update = UpdateRuntimeConfigRequest.newBuilder();
    update.getRuntimeConfigBuilder().getNetworkConfigBuilder().setPodCidr("10.1.0.0/16");
    var unused = router.client().runtime().updateRuntimeConfig(update.build());

    router.start("late.io");
    router.awaitReady("late.io");

    assertThat(run(Pods.on("late.io", "a"))).startsWith("late__");
    assertThat(router.runtime("late.io").runtimeConfig())
        .as("the failure before it started")
        .contains(update.getRuntimeConfig());
  }

  @Test
  void aRestartedPrimaryIsUsedAgain() {
    String plain = run(Pods.plain("a"));
    String special = run(Pods.on(VIRTLET, "b"));

    router.stop("containerd");
    assertFails(
        () -> status(plain),
        Status.Code.UNAVAILABLE,
        "containerd",
        "unix:" + router.socket("containerd"));
    status(special);
    router.start("containerd");
    router.awaitReady("containerd");

    status(plain);
    assertThat(
            router
                .client()
                .runtime()
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList())
        .hasSize(2);
  }

  @Test
  void theEventStreamSurvivesOutagesOfAllRuntimes() {
    try (ResponseStream<ContainerEventResponse> events = router.client().events()) {
      for (String runtime : new String[] {VIRTLET, "containerd"}) {
        router.runtime(runtime).journal().takeCall("GetContainerEvents");
        router.stop(runtime);
        router.start(runtime);
        router.runtime(runtime).journal().takeCall("GetContainerEvents");

        String pod = run(Pods.on(runtime, "on-" + runtime));
        events.next(event -> event.getContainerId().equals(pod));
      }
    }
  }

  @Test
  void aPodIsNotStartedElsewhereAfterAnInterruptedCreation() {
    router.runtime(VIRTLET).hang("RunPodSandbox");
    try (var creation =
        router.client().stream(
            RuntimeServiceGrpc.getRunPodSandboxMethod(), request(Pods.on(VIRTLET, "a")))) {
      router.runtime(VIRTLET).journal().takeCall("RunPodSandbox");
      router.stop(VIRTLET);
      assertThat(creation.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }
    router.runtime(VIRTLET).resume();
    router.start(VIRTLET);
    router.awaitReady(VIRTLET);

    assertThat(run(Pods.plain("a"))).as("the same pod without its mark").startsWith("virt__");
  }

  @Test
  void aDeadlineReachesTheRuntime() {
    String pod = run(Pods.on(VIRTLET, "a"));
    CriClient hurried = router.client().withDeadline(Duration.ofSeconds(5));

    var unused =
        hurried
            .runtime()
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build());

    assertThat(router.runtime(VIRTLET).journal().takeCall("StopPodSandbox").timeoutNanos())
        .isPositive()
        .isLessThanOrEqualTo(Duration.ofSeconds(5).toNanos());
  }

  @Test
  void aV1alpha2ClientReachesTheSameRuntimes() {
    CriClient old = router.client().speaking("v1alpha2");

    String pod = old.runtime().runPodSandbox(request(Pods.on(VIRTLET, "a"))).getPodSandboxId();

    assertThat(pod).startsWith("virt__");
    status(pod);
  }
}
