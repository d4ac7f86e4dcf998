package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendState;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.core.Scheduler;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The runtime that docs/embedding.md shows makes a node that works. */
class VmRuntimeTest {
  private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2);
  private final CriRouter router =
      CriRouter.builder()
          .scheduler(Scheduler.of(executor))
          .primary(BackendName.of("containerd"), FakeRuntime.create("containerd"))
          .secondary(BackendName.of("vm.example"), new VmRuntime().backend(executor))
          .build();
  private final CriClient kubelet = CriClient.of(router);

  @AfterEach
  void close() {
    kubelet.close();
    router.close();
    executor.shutdownNow();
  }

  private String runPod() {
    return kubelet
        .runtime()
        .runPodSandbox(
            RunPodSandboxRequest.newBuilder()
                .setConfig(
                    PodSandboxConfig.newBuilder()
                        .setMetadata(
                            PodSandboxMetadata.newBuilder()
                                .setNamespace("default")
                                .setName("desktop")
                                .setUid("desktop-uid"))
                        .putAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, "vm.example"))
                .build())
        .getPodSandboxId();
  }

  private String startContainer(String pod) {
    String image =
        kubelet
            .images()
            .pullImage(
                PullImageRequest.newBuilder()
                    .setImage(
                        ImageSpec.newBuilder()
                            .setImage("vm.example/disk:1")
                            .putAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, "vm.example"))
                    .build())
            .getImageRef();
    String id =
        kubelet
            .runtime()
            .createContainer(
                CreateContainerRequest.newBuilder()
                    .setPodSandboxId(pod)
                    .setConfig(
                        ContainerConfig.newBuilder()
                            .setMetadata(ContainerMetadata.newBuilder().setName("main"))
                            .setImage(ImageSpec.newBuilder().setImage(image)))
                    .build())
            .getContainerId();
    var unused =
        kubelet
            .runtime()
            .startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
    return id;
  }

  private List<PodSandbox> pods() {
    return kubelet
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList();
  }

  private List<Container> containers() {
    return kubelet
        .runtime()
        .listContainers(ListContainersRequest.getDefaultInstance())
        .getContainersList();
  }

  @Test
  void theNodeIsReadyAndSaysThatTheRuntimeIs() {
    router.firstContact().toCompletableFuture().join();

    assertThat(router.backends()).extracting(BackendState::phase).containsOnly(Phase.READY);
    assertThat(
            kubelet
                .runtime()
                .status(StatusRequest.getDefaultInstance())
                .getStatus()
                .getConditionsList())
        .extracting(RuntimeCondition::getType, RuntimeCondition::getStatus)
        .contains(
            tuple("RuntimeReady", true),
            tuple("vm.example/RuntimeReady", true),
            tuple("vm.example/NetworkReady", true));
  }

  @Test
  void aPodLivesFromItsImageToItsRemoval() {
    router.firstContact().toCompletableFuture().join();
    String pod = runPod();
    String container = startContainer(pod);

    assertThat(pod).startsWith("vmex__");
    assertThat(pods())
        .extracting(PodSandbox::getId, PodSandbox::getState)
        .containsExactly(tuple(pod, PodSandboxState.SANDBOX_READY));
    assertThat(containers())
        .extracting(Container::getId, Container::getPodSandboxId, Container::getState)
        .containsExactly(tuple(container, pod, ContainerState.CONTAINER_RUNNING));
    assertThat(
            kubelet
                .runtime()
                .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build())
                .getStatus()
                .getNetwork()
                .getIp())
        .isEqualTo("10.1.0.2");

    var unused =
        kubelet
            .runtime()
            .stopContainer(StopContainerRequest.newBuilder().setContainerId(container).build());
    var unusedToo =
        kubelet
            .runtime()
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
    assertThat(containers())
        .extracting(Container::getState)
        .containsExactly(ContainerState.CONTAINER_EXITED);

    var unusedThree =
        kubelet
            .runtime()
            .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
    assertThat(pods()).isEmpty();
    assertThat(containers()).isEmpty();
  }

  @Test
  void anImageThatIsNotThereIsAnEmptyAnswer() {
    router.firstContact().toCompletableFuture().join();

    assertThat(
            kubelet
                .images()
                .imageStatus(
                    ImageStatusRequest.newBuilder()
                        .setImage(ImageSpec.newBuilder().setImage("vm.example/none"))
                        .build())
                .hasImage())
        .isFalse();
  }
}
