package io.crirouter.examples.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.Scheduler;
import io.crirouter.grpc.GrpcServiceBackend;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.grpc.BindableService;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runtimes on upstream classes of both versions of CRI behind one router. */
class UpstreamRuntimeTest {
  private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(4);
  private final CriRouter router =
      CriRouter.builder()
          .scheduler(Scheduler.of(executor))
          .primary(BackendName.of("containerd"), FakeRuntime.create("containerd"))
          .secondary(
              BackendName.of("new.example"), backend("new VMs", new VmRuntimeV1().services()))
          .secondary(
              BackendName.of("old.example"), backend("old VMs", new VmRuntimeV1Alpha2().services()))
          .build();
  private final CriClient kubelet = CriClient.of(router);

  private GrpcServiceBackend backend(String address, List<BindableService> services) {
    GrpcServiceBackend.Builder builder =
        GrpcServiceBackend.builder()
            .executor(executor)
            .scheduler(Scheduler.of(executor))
            .address(address);
    services.forEach(builder::service);
    return builder.build();
  }

  @BeforeEach
  void connect() {
    router.firstContact().toCompletableFuture().join();
  }

  @AfterEach
  void close() {
    kubelet.close();
    router.close();
    executor.shutdownNow();
  }

  private String runPod(String runtime) {
    return kubelet
        .runtime()
        .runPodSandbox(
            RunPodSandboxRequest.newBuilder()
                .setConfig(
                    PodSandboxConfig.newBuilder()
                        .setMetadata(
                            PodSandboxMetadata.newBuilder().setName("web").setUid(runtime + "-uid"))
                        .putAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, runtime))
                .build())
        .getPodSandboxId();
  }

  @Test
  void theStatusOfTheNodeHasTheConditionsOfBoth() {
    assertThat(
            kubelet
                .runtime()
                .status(StatusRequest.getDefaultInstance())
                .getStatus()
                .getConditionsList())
        .extracting(RuntimeCondition::getType, RuntimeCondition::getStatus)
        .contains(tuple("new.example/RuntimeReady", true), tuple("old.example/RuntimeReady", true));
  }

  @ParameterizedTest
  @CsvSource({"new.example, newe__", "old.example, olde__"})
  void aMarkedPodRunsOnTheRuntimeAndIsListed(String runtime, String prefix) {
    String pod = runPod(runtime);

    assertThat(pod).isEqualTo(prefix + "vm0");
    assertThat(
            kubelet
                .runtime()
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList())
        .extracting(PodSandbox::getId)
        .containsExactly(pod);
    assertThat(
            kubelet
                .runtime()
                .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build())
                .getStatus()
                .getMetadata()
                .getName())
        .isEqualTo("web");
  }

  @ParameterizedTest
  @CsvSource({"new.example", "old.example"})
  void imageStatusReachesTheImageServiceOfTheRuntime(String runtime) {
    assertThat(
            kubelet
                .images()
                .imageStatus(
                    ImageStatusRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage(runtime + "/disk:1"))
                        .build())
                .getImage()
                .getRepoTagsList())
        .containsExactly(runtime + "/disk:1");
  }

  @ParameterizedTest
  @CsvSource({"newe__, new VMs", "olde__, old VMs"})
  void anRpcThatTheRuntimeLacksIsUnimplemented(String prefix, String address) {
    assertThatThrownBy(
            () ->
                kubelet
                    .runtime()
                    .stopContainer(
                        StopContainerRequest.newBuilder().setContainerId(prefix + "c").build()))
        .hasMessageContaining("UNIMPLEMENTED");
    assertThat(router.backends()).anyMatch(state -> state.address().equals(address));
  }
}
