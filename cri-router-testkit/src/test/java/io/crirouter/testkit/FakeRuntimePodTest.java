package io.crirouter.testkit;

import static io.crirouter.testkit.GrpcAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.LinuxContainerResources;
import io.crirouter.proto.v1.LinuxPodSandboxConfig;
import io.crirouter.proto.v1.LinuxSandboxSecurityContext;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.NamespaceMode;
import io.crirouter.proto.v1.NamespaceOption;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.UpdatePodSandboxResourcesRequest;
import io.grpc.Status.Code;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class FakeRuntimePodTest {
  private final ManualScheduler time = new ManualScheduler();
  private final Instant start = Instant.parse("2026-02-03T04:05:06Z");
  private final FakeRuntime runtime =
      FakeRuntime.named("containerd")
          .scheduler(time)
          .startsAt(start)
          .runtimeHandler("kata")
          .images("busybox")
          .chunkSize(2)
          .build();
  private final CriClient client = CriClient.of(runtime);

  @Test
  void aSandboxIsReportedWithItsConfig() {
    time.advance(Duration.ofSeconds(2));
    String id =
        client
            .runtime()
            .runPodSandbox(Requests.pod("web").toBuilder().setRuntimeHandler("kata").build())
            .getPodSandboxId();

    PodSandboxStatus status = status(id).getStatus();
    PodSandboxConfig config = Requests.podConfig("web");
    assertThat(id).matches("[0-9a-f]{64}");
    assertThat(status.getId()).isEqualTo(id);
    assertThat(status.getMetadata()).isEqualTo(config.getMetadata());
    assertThat(status.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
    assertThat(status.getLabelsMap()).isEqualTo(config.getLabelsMap());
    assertThat(status.getAnnotationsMap()).isEqualTo(config.getAnnotationsMap());
    assertThat(status.getRuntimeHandler()).isEqualTo("kata");
    assertThat(status.getNetwork().getIp()).isNotEmpty();
    assertThat(status.getCreatedAt())
        .isEqualTo(start.plusSeconds(2).getEpochSecond() * 1_000_000_000);

    PodSandbox listed =
        client.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance()).getItems(0);
    assertThat(listed.getId()).isEqualTo(id);
    assertThat(listed.getCreatedAt()).isEqualTo(status.getCreatedAt());
    assertThat(listed.getRuntimeHandler()).isEqualTo("kata");
    assertThat(runtime.pods()).containsExactly(listed);
  }

  @Test
  void aSandboxOnTheHostNetworkHasNoAddress() {
    NamespaceOption onHost = NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE).build();
    LinuxPodSandboxConfig linux =
        LinuxPodSandboxConfig.newBuilder()
            .setSecurityContext(
                LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(onHost))
            .build();
    RunPodSandboxRequest.Builder request = Requests.pod("proxy").toBuilder();
    request.getConfigBuilder().setLinux(linux);

    String id = client.runtime().runPodSandbox(request.build()).getPodSandboxId();

    assertThat(status(id).getStatus().getNetwork().getIp()).isEmpty();
    assertThat(status(id).getStatus().getLinux().getNamespaces().getOptions()).isEqualTo(onHost);
  }

  @Test
  void aSandboxNeedsMetadataAndAKnownRuntimeHandler() {
    assertFails(
        () -> client.runtime().runPodSandbox(RunPodSandboxRequest.getDefaultInstance()),
        Code.UNKNOWN,
        "config");
    assertFails(
        () ->
            client
                .runtime()
                .runPodSandbox(
                    RunPodSandboxRequest.newBuilder()
                        .setConfig(PodSandboxConfig.getDefaultInstance())
                        .build()),
        Code.UNKNOWN,
        "metadata");
    assertFails(
        () ->
            client
                .runtime()
                .runPodSandbox(Requests.pod("web").toBuilder().setRuntimeHandler("gvisor").build()),
        Code.UNKNOWN,
        "gvisor");
    assertThat(runtime.pods()).isEmpty();
  }

  @Test
  void theSameAttemptOfAPodIsRefusedWhileTheFirstExists() {
    String first = Requests.runPod(client, "web");
    assertFails(() -> Requests.runPod(client, "web"), Code.UNKNOWN, "reserved", first);

    RunPodSandboxRequest.Builder next = Requests.pod("web").toBuilder();
    next.getConfigBuilder().getMetadataBuilder().setAttempt(1);
    String second = client.runtime().runPodSandbox(next.build()).getPodSandboxId();
    assertThat(second).isNotEqualTo(first);

    remove(first);
    assertThat(Requests.runPod(client, "web")).as("the name is free again").isNotEqualTo(first);
  }

  @Test
  void stoppingASandboxKillsItsContainersAndCanBeRepeated() {
    String id = Requests.runPod(client, "web");
    String running = Requests.startNew(client, id, "app");
    String created = Requests.create(client, id, "later");

    stop(id);
    stop(id);

    assertThat(status(id).getStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    assertThat(Requests.status(client, running).getState())
        .isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(Requests.status(client, running).getExitCode()).isEqualTo(137);
    assertThat(Requests.status(client, created).getState())
        .isEqualTo(ContainerState.CONTAINER_CREATED);
    assertFails(
        () -> Requests.start(client, created), Code.UNKNOWN, "its sandbox", "is not running");
  }

  @Test
  void removingASandboxRemovesItsContainersAndCanBeRepeated() {
    String id = Requests.runPod(client, "web");
    Requests.startNew(client, id, "app");

    remove(id);
    remove(id);
    stop(id);

    assertThat(runtime.pods()).isEmpty();
    assertThat(runtime.containers()).isEmpty();
    assertFails(() -> status(id), Code.NOT_FOUND, id);
  }

  @Test
  void theStatusHasContainersOnlyIfTheRuntimeHasEvents() {
    String id = Requests.runPod(client, "web");
    String container = Requests.startNew(client, id, "app");
    assertThat(status(id).getContainersStatusesList())
        .containsExactly(Requests.status(client, container));
    assertThat(status(id).getTimestamp()).isPositive();

    CriClient old =
        CriClient.of(
            FakeRuntime.named("old").images("busybox").without("GetContainerEvents").build());
    String oldId = Requests.runPod(old, "web");
    Requests.startNew(old, oldId, "app");
    assertThat(status(old, oldId).getContainersStatusesList()).isEmpty();
  }

  @Test
  void infoIsOnlyInVerboseResponses() {
    String id = Requests.runPod(client, "web");

    assertThat(status(id).getInfoMap()).isEmpty();
    PodSandboxStatusResponse verbose =
        client
            .runtime()
            .podSandboxStatus(
                PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).setVerbose(true).build());
    assertThat(verbose.getInfoMap().get("info")).contains("\"sandboxID\":\"" + id + "\"");
  }

  @Test
  void resourcesOfAPodAreKept() {
    String id = Requests.runPod(client, "web");
    LinuxContainerResources resources =
        LinuxContainerResources.newBuilder().setCpuShares(512).build();

    client
        .runtime()
        .updatePodSandboxResources(
            UpdatePodSandboxResourcesRequest.newBuilder()
                .setPodSandboxId(id)
                .setResources(resources)
                .build());

    assertThat(
            client
                .runtime()
                .podSandboxStatus(
                    PodSandboxStatusRequest.newBuilder()
                        .setPodSandboxId(id)
                        .setVerbose(true)
                        .build())
                .getInfoMap()
                .get("info"))
        .contains("cpu_shares: 512");
    assertFails(
        () ->
            client
                .runtime()
                .updatePodSandboxResources(
                    UpdatePodSandboxResourcesRequest.newBuilder().setPodSandboxId("gone").build()),
        Code.NOT_FOUND,
        "gone");
  }

  @Test
  void killPodMakesASandboxNotReady() {
    String id = Requests.runPod(client, "web");

    runtime.killPod(id);

    assertThat(status(id).getStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
  }

  private PodSandboxStatusResponse status(String id) {
    return status(client, id);
  }

  private static PodSandboxStatusResponse status(CriClient client, String id) {
    return client
        .runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build());
  }

  private void stop(String id) {
    client.runtime().stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  private void remove(String id) {
    client
        .runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }
}
