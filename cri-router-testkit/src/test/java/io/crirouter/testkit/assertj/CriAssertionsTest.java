package io.crirouter.testkit.assertj;

import static io.crirouter.testkit.assertj.CriAssertions.assertThat;
import static io.crirouter.testkit.assertj.CriAssertions.assertThatContainers;
import static io.crirouter.testkit.assertj.CriAssertions.assertThatFailureOf;
import static io.crirouter.testkit.assertj.CriAssertions.assertThatPods;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Origin;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.CallMatcher;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.grpc.Status.Code;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CriAssertionsTest {
  private final FakeRuntime runtime = FakeRuntime.named("vm").images("busybox").build();
  private final CriClient client = CriClient.of(runtime);

  @BeforeEach
  void runAPodWithAContainer() {
    String pod =
        client
            .runtime()
            .runPodSandbox(
                RunPodSandboxRequest.newBuilder()
                    .setConfig(
                        PodSandboxConfig.newBuilder()
                            .setMetadata(PodSandboxMetadata.newBuilder().setName("web")))
                    .build())
            .getPodSandboxId();
    client
        .runtime()
        .createContainer(
            CreateContainerRequest.newBuilder()
                .setPodSandboxId(pod)
                .setConfig(
                    ContainerConfig.newBuilder()
                        .setMetadata(ContainerMetadata.newBuilder().setName("main"))
                        .setImage(ImageSpec.newBuilder().setImage("busybox")))
                .build());
  }

  private static void assertFails(ThrowingCallable assertion, String... words) {
    assertThatExceptionOfType(AssertionError.class)
        .isThrownBy(assertion)
        .withMessageContainingAll(words);
  }

  @Test
  void callsOfAJournal() {
    assertThat(runtime.journal())
        .received("RunPodSandbox")
        .received(1, CallMatcher.any().forPod("web"))
        .receivedNo("PullImage")
        .receivedInOrder("RunPodSandbox", "CreateContainer");

    assertFails(
        () -> assertThat(runtime.journal()).received("PullImage"),
        "a call that matches PullImage",
        "vm  RunPodSandbox web -> OK");
    assertFails(
        () -> assertThat(runtime.journal()).receivedNo("RunPodSandbox"),
        "0 calls that match RunPodSandbox");
    assertFails(
        () -> assertThat(runtime.journal()).received(2, CallMatcher.any().forPod("web")),
        "2 calls that match any rpc for pod web");
    assertFails(
        () -> assertThat(runtime.journal()).receivedInOrder("CreateContainer", "RunPodSandbox"),
        "CreateContainer, RunPodSandbox in this order, with RunPodSandbox in its place");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> assertThat(runtime.journal()).receivedInOrder("RunPod"));
  }

  @Test
  void statusesOfBackends() {
    RpcStatus status = RpcStatus.unreachable("vm is down");

    assertThat(RpcStatus.OK).isOk();
    assertThat(status)
        .hasCode(RpcStatus.Code.UNAVAILABLE)
        .hasOrigin(Origin.UNREACHABLE)
        .hasMessageContaining("vm", "down");
    assertFails(() -> assertThat(status).isOk(), "code OK", "UNAVAILABLE: vm is down");
    assertFails(
        () -> assertThat(status).hasOrigin(Origin.ROUTER), "made by ROUTER", "by UNREACHABLE");
    assertFails(() -> assertThat(status).hasMessageContaining("kata"), "kata", "vm is down");
  }

  @Test
  void failuresOfClients() {
    ThrowingCallable call =
        () ->
            client
                .runtime()
                .podSandboxStatus(
                    PodSandboxStatusRequest.newBuilder().setPodSandboxId("x").build());

    assertThatFailureOf(call).hasCode(Code.NOT_FOUND).hasDescriptionContaining("\"x\"");
    assertFails(
        () -> assertThatFailureOf(call).hasCode(Code.UNAVAILABLE), "code UNAVAILABLE", "NOT_FOUND");
    assertFails(() -> assertThatFailureOf(call).hasDescriptionContaining("kata"), "kata", "\"x\"");
    assertFails(() -> assertThatFailureOf(() -> {}), "not to be null");
    assertFails(
        () ->
            assertThatFailureOf(
                () -> {
                  throw new IllegalStateException("on purpose");
                }),
        "StatusRuntimeException",
        "on purpose");
  }

  @Test
  void podsAndContainers() {
    assertThatPods(runtime.pods()).hasSize(1);
    assertThatPods(runtime.pods()).areNamed("web").areReady();
    assertThatContainers(runtime.containers())
        .areNamed("main")
        .areIn(ContainerState.CONTAINER_CREATED);
    runtime.killPod(runtime.pods().get(0).getId());

    assertFails(() -> assertThatPods(runtime.pods()).areNamed("db"), "web", "db");
    assertFails(() -> assertThatPods(runtime.pods()).areReady(), "state of pod web");
    assertFails(
        () -> assertThatContainers(runtime.containers()).areIn(ContainerState.CONTAINER_RUNNING),
        "state of container main");
  }
}
