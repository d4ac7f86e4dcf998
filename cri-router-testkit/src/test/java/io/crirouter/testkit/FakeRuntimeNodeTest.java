package io.crirouter.testkit;

import static io.crirouter.testkit.GrpcAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.crirouter.core.CriMethod;
import io.crirouter.proto.v1.CgroupDriver;
import io.crirouter.proto.v1.CheckpointContainerRequest;
import io.crirouter.proto.v1.CheckpointPodRequest;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.NetworkConfig;
import io.crirouter.proto.v1.RestorePodRequest;
import io.crirouter.proto.v1.RestorePodResponse;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.RuntimeConfig;
import io.crirouter.proto.v1.RuntimeConfigRequest;
import io.crirouter.proto.v1.RuntimeFeatures;
import io.crirouter.proto.v1.RuntimeHandler;
import io.crirouter.proto.v1.RuntimeHandlerFeatures;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.proto.v1.UpdateRuntimeConfigRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;
import io.grpc.Status.Code;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FakeRuntimeNodeTest {
  @Test
  void theVersionFillsAllFourFields() {
    VersionResponse version =
        CriClient.of(FakeRuntime.named("containerd").version("2.1.9").build())
            .runtime()
            .version(VersionRequest.getDefaultInstance());

    assertThat(version)
        .isEqualTo(
            VersionResponse.newBuilder()
                .setVersion("0.1.0")
                .setRuntimeName("containerd")
                .setRuntimeVersion("2.1.9")
                .setRuntimeApiVersion("v1")
                .build());
  }

  @Test
  void theStatusHasConditionsHandlersAndFeatures() {
    RuntimeHandlerFeatures kataFeatures =
        RuntimeHandlerFeatures.newBuilder().setUserNamespaces(true).build();
    RuntimeFeatures features =
        RuntimeFeatures.newBuilder().setSupplementalGroupsPolicy(true).build();
    FakeRuntime runtime =
        FakeRuntime.named("containerd")
            .runtimeHandler("kata", kataFeatures)
            .features(features)
            .build();
    CriClient client = CriClient.of(runtime);

    StatusResponse status = client.runtime().status(StatusRequest.getDefaultInstance());
    assertThat(status.getStatus().getConditionsList())
        .allMatch(RuntimeCondition::getStatus)
        .extracting(RuntimeCondition::getType)
        .containsExactly("RuntimeReady", "NetworkReady");
    assertThat(status.getRuntimeHandlersList())
        .containsExactly(
            RuntimeHandler.getDefaultInstance(),
            RuntimeHandler.newBuilder().setName("kata").setFeatures(kataFeatures).build());
    assertThat(status.getFeatures()).isEqualTo(features);
    assertThat(status.getInfoMap()).isEmpty();

    RuntimeCondition notReady =
        RuntimeCondition.newBuilder()
            .setType("NetworkReady")
            .setReason("NoNetwork")
            .setMessage("no CNI configuration")
            .build();
    runtime.setCondition(notReady);
    assertThat(
            client
                .runtime()
                .status(StatusRequest.newBuilder().setVerbose(true).build())
                .getStatus()
                .getConditionsList())
        .contains(notReady)
        .hasSize(2);
  }

  @Test
  void aPodCidrIsRemembered() {
    FakeRuntime runtime = FakeRuntime.create("containerd");
    CriClient client = CriClient.of(runtime);
    assertThat(runtime.runtimeConfig()).isEmpty();
    RuntimeConfig config =
        RuntimeConfig.newBuilder()
            .setNetworkConfig(NetworkConfig.newBuilder().setPodCidr("10.1.0.0/24"))
            .build();

    client
        .runtime()
        .updateRuntimeConfig(
            UpdateRuntimeConfigRequest.newBuilder().setRuntimeConfig(config).build());

    assertThat(runtime.runtimeConfig()).contains(config);
    assertThat(
            client
                .runtime()
                .status(StatusRequest.newBuilder().setVerbose(true).build())
                .getInfoMap()
                .get("config"))
        .contains("10.1.0.0/24");
  }

  @Test
  void theCgroupDriverCanBeChosen() {
    CriClient client =
        CriClient.of(FakeRuntime.named("vm").cgroupDriver(CgroupDriver.CGROUPFS).build());

    assertThat(
            client
                .runtime()
                .runtimeConfig(RuntimeConfigRequest.getDefaultInstance())
                .getLinux()
                .getCgroupDriver())
        .isEqualTo(CgroupDriver.CGROUPFS);
  }

  @Test
  void everyRpcIsImplementedUnlessItIsLeftOut() {
    Set<String> all = new HashSet<>();
    Set<String> missing = new HashSet<>();
    for (CriMethod method : CriMethod.all()) {
      all.add(method.name());
      if (isUnimplemented(FakeRuntime.create("full"), method)) {
        missing.add(method.name());
      }
    }
    assertThat(missing).as("rpcs that the fake lacks").isEmpty();

    String[] names = all.toArray(String[]::new);
    FakeRuntime bare = FakeRuntime.named("bare").without(names).build();
    assertThat(CriMethod.all()).allMatch(method -> isUnimplemented(bare, method));
  }

  @Test
  void anUnknownRpcCannotBeLeftOut() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FakeRuntime.named("x").without("RunPod"))
        .withMessageContaining("RunPod");
  }

  @Test
  void aRestoredPodHasNewIds() {
    FakeRuntime runtime = FakeRuntime.named("containerd").images("busybox").build();
    CriClient client = CriClient.of(runtime);
    String pod = Requests.runPod(client, "web");
    String app = Requests.startNew(client, pod, "app");
    client
        .runtime()
        .checkpointContainer(
            CheckpointContainerRequest.newBuilder()
                .setContainerId(app)
                .setLocation("/ckpt/app.tar")
                .build());
    client
        .runtime()
        .checkpointPod(
            CheckpointPodRequest.newBuilder()
                .setPodSandboxId(pod)
                .setOutputPath("/ckpt/web")
                .addContainerIds(app)
                .build());
    assertThat(runtime.checkpoints()).containsExactly("/ckpt/app.tar", "/ckpt/web");

    RestorePodRequest restore =
        RestorePodRequest.newBuilder()
            .setCheckpointPath("/ckpt/web")
            .setConfig(Requests.podConfig("copy"))
            .build();
    RestorePodResponse restored = client.runtime().restorePod(restore);

    assertThat(restored.getPodSandboxId()).isNotEqualTo(pod);
    assertThat(restored.getRestoredContainersList())
        .singleElement()
        .satisfies(
            container -> {
              assertThat(container.getName()).isEqualTo("app");
              assertThat(runtime.containers())
                  .filteredOn(c -> c.getPodSandboxId().equals(restored.getPodSandboxId()))
                  .singleElement()
                  .returns(container.getContainerId(), Container::getId)
                  .returns(ContainerState.CONTAINER_RUNNING, Container::getState);
            });
  }

  @Test
  void invalidCheckpointsAndRestoresAreRefused() {
    FakeRuntime runtime = FakeRuntime.named("containerd").images("busybox").build();
    CriClient client = CriClient.of(runtime);
    String pod = Requests.runPod(client, "web");
    String app = Requests.startNew(client, pod, "app");
    String other = Requests.runPod(client, "other");

    assertFails(
        () ->
            client
                .runtime()
                .checkpointPod(
                    CheckpointPodRequest.newBuilder()
                        .setPodSandboxId(other)
                        .setOutputPath("/x")
                        .addContainerIds(app)
                        .build()),
        Code.INVALID_ARGUMENT,
        app);
    assertFails(
        () ->
            client
                .runtime()
                .restorePod(RestorePodRequest.newBuilder().setCheckpointPath("/x").build()),
        Code.NOT_FOUND,
        "/x");

    client
        .runtime()
        .checkpointPod(
            CheckpointPodRequest.newBuilder().setPodSandboxId(pod).setOutputPath("/x").build());
    assertFails(
        () ->
            client
                .runtime()
                .restorePod(
                    RestorePodRequest.newBuilder()
                        .setCheckpointPath("/x")
                        .setConfig(Requests.podConfig("copy"))
                        .addContainerConfigs(Requests.containerConfig("nosuch", "busybox"))
                        .build()),
        Code.INVALID_ARGUMENT,
        "nosuch");
    assertFails(
        () ->
            client
                .runtime()
                .restorePod(
                    RestorePodRequest.newBuilder()
                        .setCheckpointPath("/x")
                        .setConfig(Requests.podConfig("copy"))
                        .addContainerConfigs(Requests.containerConfig("app", "absent"))
                        .build()),
        Code.NOT_FOUND,
        "absent");
    assertThat(runtime.pods()).as("a failed restore leaves nothing behind").hasSize(2);
  }

  private static boolean isUnimplemented(FakeRuntime runtime, CriMethod method) {
    RawResponse answer = RawResponse.of(runtime, method);
    return answer.isClosed() && answer.status().isUnimplemented();
  }
}
