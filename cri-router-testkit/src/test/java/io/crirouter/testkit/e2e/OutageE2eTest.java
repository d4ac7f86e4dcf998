package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.testkit.containerd.ContainerdInstance;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A runtime is killed and restarted. */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class OutageE2eTest extends WithExclusivePair {

  @ParameterizedTest
  @EnumSource
  void callsByIdAreUnavailableDuringAnOutageAndThenWorkWithTheSameIds(Side side) {
    KubeletPod pod = pair().pod(side);
    KubeletPod other = pair().pod(side.other());
    ContainerdInstance runtime = pair().runtime(side);
    Outcome before = containerStatus(pod);

    runtime.kill();

    for (CriCall call : callsById()) {
      Outcome duringOutage = call.execute(pair().proxy(), CriCall.Names.forClients(pod));
      assertThat(duringOutage.code()).as("%s", call).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(duringOutage.message())
          .as("%s", call)
          .contains(side.backend().toString(), runtime.socket().toString());
    }
    if (side == Side.PRIMARY) {
      assertThat(containerStatus(pod).code()).isEqualTo(Status.Code.UNAVAILABLE);
    } else {
      assertThat(containerStatus(pod)).as("the last known status").isEqualTo(before);
    }
    assertThat(other.status(other.container()).getStatus().getState())
        .as("the other runtime's container")
        .isEqualTo(ContainerState.CONTAINER_RUNNING);

    restart(side);

    assertThat(pod.status(pod.container()).getStatus().getState())
        .isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(pod.status().getStatus().getId()).isEqualTo(pod.id());
    assertThat(pod.exec(pod.container(), "true").getExitCode()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void openCallsEndWhenTheRuntimeIsKilled(Side side) throws Exception {
    KubeletPod pod = pair().pod(side);
    ExecSyncRequest request =
        ExecSyncRequest.newBuilder()
            .setContainerId(pod.container())
            .addAllCmd(List.of("sh", "-c", "echo > /tmp/begun; sleep 63"))
            .build();
    CompletableFuture<Outcome> call =
        CompletableFuture.supplyAsync(
            () -> Outcome.of(() -> pair().proxy().runtime().execSync(request)));
    Await.until(
        "running command",
        () -> pod.exec(pod.container(), "rm", "/tmp/begun").getExitCode(),
        code -> code == 0);

    pair().runtime(side).kill();

    Outcome end = call.get(5, TimeUnit.SECONDS);
    assertThat(end.code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(end.message())
        .contains(side.backend().toString(), pair().runtime(side).socket().toString());
    restart(side);
    assertThat(pod.exec(pod.container(), "true").getExitCode()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void newPodsOfALostRuntimeAreRefusedAndPodsOfTheOtherRun(Side side) {
    pair().runtime(side).kill();

    Outcome refused = Outcome.of(() -> KubeletPod.run(pair(), side, "refused").status());
    KubeletPod.run(pair(), side.other(), "unaffected").delete();

    assertThat(refused.code()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(refused.message()).contains(side.backend().toString());
    restart(side);
    KubeletPod.run(pair(), side, "accepted").delete();
  }

  private Outcome containerStatus(KubeletPod pod) {
    return new CriCall("ContainerStatus", "container_id: 'CONTAINER'")
        .execute(pair().proxy(), CriCall.Names.forClients(pod));
  }

  private static List<CriCall> callsById() {
    return List.of(
        new CriCall("PodSandboxStatus", "pod_sandbox_id: 'POD'"),
        new CriCall("PodSandboxStatus", "pod_sandbox_id: 'NOTHING'"),
        new CriCall("StopPodSandbox", "pod_sandbox_id: 'POD'"),
        new CriCall("RemovePodSandbox", "pod_sandbox_id: 'POD'"),
        new CriCall("PodSandboxStats", "pod_sandbox_id: 'POD'"),
        new CriCall("PortForward", "pod_sandbox_id: 'POD' port: 80"),
        new CriCall("CreateContainer", "pod_sandbox_id: 'POD'"),
        new CriCall("ContainerStatus", "container_id: 'NOTHING'"),
        new CriCall("StartContainer", "container_id: 'CONTAINER'"),
        new CriCall("StopContainer", "container_id: 'CONTAINER'"),
        new CriCall("RemoveContainer", "container_id: 'CONTAINER'"),
        new CriCall("ContainerStats", "container_id: 'CONTAINER'"),
        new CriCall("ReopenContainerLog", "container_id: 'CONTAINER'"),
        new CriCall("ExecSync", "container_id: 'CONTAINER' cmd: 'true'"),
        new CriCall("Exec", "container_id: 'CONTAINER' cmd: 'true' stdout: true"),
        new CriCall("Attach", "container_id: 'CONTAINER' stdout: true"));
  }
}
