package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.LinuxContainerResources;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.ReopenContainerLogRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.StopPodSandboxResponse;
import io.crirouter.proto.v1.UpdateContainerResourcesRequest;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pods and their containers from creation to removal, on both runtimes. */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class PodLifecycleE2eTest extends WithSharedPair {

  @ParameterizedTest
  @EnumSource
  void aPodRunsOnlyOnTheAnnotatedRuntime(Side side) {
    KubeletPod pod = KubeletPod.run(pair(), side, "placed");

    assertThat(pod.id()).matches(side::isIdForClients, "an id of " + side);
    for (Side each : Side.values()) {
      assertThat(sandboxIds(each, "placed"))
          .as("sandboxes at %s itself", each)
          .isEqualTo(each == side ? List.of(pod.ownId()) : List.of());
    }
    pod.delete();
    assertThat(sandboxIds(side, "placed")).as("sandboxes after the pod was deleted").isEmpty();
  }

  @Test
  void aPodForAnUnknownRuntimeIsRefused() {
    PodSandboxConfig config =
        PodSpecs.pod(pair(), Side.PRIMARY, "lost").toBuilder()
            .putAnnotations("kubernetes.io/target-runtime", "nobody")
            .build();

    Outcome refused = Outcome.of(() -> KubeletPod.run(proxy(), Side.PRIMARY, config, "").status());

    assertThat(refused.code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(refused.message()).contains("nobody", "containerd", "virtlet.cloud", "lost");
    assertThat(sandboxIds(Side.PRIMARY, "lost")).isEmpty();
    assertThat(sandboxIds(Side.SECONDARY, "lost")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void podStatusHasTheConfig(Side side) {
    KubeletPod pod = KubeletPod.run(pair(), side, "described");

    PodSandboxStatus status = pod.status().getStatus();

    assertThat(status.getId()).isEqualTo(pod.id());
    assertThat(status.getMetadata()).isEqualTo(pod.config().getMetadata());
    assertThat(status.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
    assertThat(status.getLabelsMap()).isEqualTo(pod.config().getLabelsMap());
    assertThat(status.getAnnotationsMap()).isEqualTo(pod.config().getAnnotationsMap());
    assertThat(status.getNetwork().getIp()).startsWith("198.18.");
    pod.stopSandbox();
    assertThat(pod.status().getStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
    pod.delete();
  }

  @ParameterizedTest
  @EnumSource
  void aContainerRunsLogsAndReportsItsExit(Side side) {
    KubeletPod pod = KubeletPod.run(pair(), side, "talking");
    ContainerConfig.Builder config = PodSpecs.printing("main", "words of " + side);

    String container = pod.start(config);

    assertThat(container).matches(side::isIdForClients, "an id of " + side);
    assertThat(logged(pod.log(config))).matches("\\S+ stdout F words of " + side + "\n");
    ContainerStatus running = pod.status(container).getStatus();
    assertThat(running.getId()).isEqualTo(container);
    assertThat(running.getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(running.getMetadata()).isEqualTo(config.getMetadata());
    assertThat(running.getLabelsMap()).isEqualTo(config.getLabelsMap());
    assertThat(running.getAnnotationsMap()).isEqualTo(config.getAnnotationsMap());
    assertThat(running.getLogPath()).isEqualTo(pod.log(config).toString());
    assertThat(running.getImage().getImage()).isEqualTo(side.image("registry.test/busybox:1"));
    pod.stop(container);
    ContainerStatus exited = pod.status(container).getStatus();
    assertThat(exited.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
    assertThat(exited.getExitCode()).isEqualTo(3);
    assertThat(exited.getFinishedAt()).isGreaterThan(exited.getStartedAt());
    pod.delete();
  }

  @ParameterizedTest
  @EnumSource
  void aRotatedLogIsReopened(Side side) throws IOException {
    KubeletPod pod = KubeletPod.run(pair(), side, "rotated");
    ContainerConfig.Builder config =
        PodSpecs.container("main", "trap exit TERM; while :; do echo again; sleep 0.1; done");
    String container = pod.start(config);
    Path log = pod.log(config);
    assertThat(logged(log)).contains("again");

    Files.move(log, log.resolveSibling("0.log.old"));
    proxy()
        .runtime()
        .reopenContainerLog(
            ReopenContainerLogRequest.newBuilder().setContainerId(container).build());

    assertThat(logged(log)).contains("again");
    pod.delete();
  }

  @ParameterizedTest
  @EnumSource
  void resourcesOfARunningContainerAreUpdated(Side side) {
    KubeletPod pod = KubeletPod.run(pair(), side, "resized");
    String container = pod.start(PodSpecs.printing("main", "hello"));

    proxy()
        .runtime()
        .updateContainerResources(
            UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(container)
                .setLinux(LinuxContainerResources.newBuilder().setCpuShares(345))
                .build());

    String info =
        direct(side)
            .runtime()
            .containerStatus(
                ContainerStatusRequest.newBuilder()
                    .setContainerId(side.ownId(container))
                    .setVerbose(true)
                    .build())
            .getInfoOrThrow("info");
    assertThat(info.replaceAll("\\s", "")).contains("\"cpu\":{\"shares\":345");
    pod.delete();
  }

  @ParameterizedTest
  @EnumSource
  void callsAboutRemovedPodsEndAsAtTheRuntime(Side side) {
    KubeletPod pod = KubeletPod.run(pair(), side, "gone");
    pod.start(PodSpecs.printing("main", "hello"));
    pod.delete();

    assertThat(Outcome.of(pod::status).code()).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(stop(proxy().runtime()::stopPodSandbox, pod.id()))
        .isEqualTo(stop(direct(side).runtime()::stopPodSandbox, pod.ownId()));
    proxy()
        .runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod.id()).build());
  }

  private static Status.Code stop(
      Function<StopPodSandboxRequest, StopPodSandboxResponse> call, String id) {
    StopPodSandboxRequest request = StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build();
    return Outcome.of(() -> call.apply(request)).code();
  }

  private List<String> sandboxIds(Side side, String app) {
    PodSandboxFilter filter =
        PodSandboxFilter.newBuilder().putLabelSelector(PodSpecs.APP, app).build();
    return direct(side)
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.newBuilder().setFilter(filter).build())
        .getItemsList()
        .stream()
        .map(PodSandbox::getId)
        .toList();
  }

  /** Waits for a line in the log and returns the log. */
  private static String logged(Path log) {
    return Await.until("words in " + log, () -> read(log), text -> text.endsWith("\n"));
  }

  private static String read(Path log) {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
