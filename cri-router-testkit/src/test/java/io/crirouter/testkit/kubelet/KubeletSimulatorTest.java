package io.crirouter.testkit.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.RpcStatus.Code;
import io.crirouter.testkit.ExecResult;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ManualScheduler;
import io.crirouter.testkit.kubelet.KubeletSimulator.Phase;
import io.crirouter.testkit.kubelet.PodSpec.RestartPolicy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kubelet simulator with a correct runtime. */
class KubeletSimulatorTest {
  private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

  private final ManualScheduler time = new ManualScheduler();
  private final FakeRuntime runtime = FakeRuntime.named("containerd").scheduler(time).build();
  private KubeletSimulator kubelet = KubeletSimulator.builder(runtime, time).start();

  @AfterEach
  void end() {
    kubelet.assertNoFindings();
    kubelet.close();
  }

  private void start(boolean evented) {
    kubelet.close();
    KubeletSimulator.Builder builder = KubeletSimulator.builder(runtime, time);
    kubelet = evented ? builder.evented().start() : builder.start();
  }

  private static PodSpec.Builder web() {
    return PodSpec.named("web").container("main", "nginx");
  }

  private String onlyContainer() {
    assertThat(runtime.containers()).hasSize(1);
    return runtime.containers().get(0).getId();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPodIsRunAndDeleted(boolean evented) {
    start(evented);
    kubelet.add(web().container("side", "busybox").build());
    time.advance(TEN_SECONDS);
    assertThat(kubelet.phase("web")).isEqualTo(Phase.RUNNING);
    assertThat(runtime.pods()).hasSize(1);
    assertThat(runtime.containers()).hasSize(2);
    assertThat(runtime.journal().callsOf("PullImage")).hasSize(2);

    kubelet.delete("web");
    time.advance(Duration.ofMinutes(2));

    assertThat(kubelet.phase("web")).isEqualTo(Phase.GONE);
    assertThat(runtime.pods()).isEmpty();
    assertThat(runtime.containers()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anExitedContainerIsRestartedWithBackOff(boolean evented) {
    start(evented);
    kubelet.add(web().build());
    time.advance(TEN_SECONDS);
    for (int restart = 1; restart <= 3; restart++) {
      runtime.killContainer(running(), 1);
      time.advance(Duration.ofMinutes(2));
      assertThat(kubelet.phase("web")).as("after restart %d", restart).isEqualTo(Phase.RUNNING);
    }
    assertThat(runtime.journal().callsOf("CreateContainer")).hasSize(4);
    assertThat(runtime.journal().callsOf("RunPodSandbox")).hasSize(1);
  }

  private String running() {
    return runtime.containers().stream()
        .filter(one -> one.getState().name().equals("CONTAINER_RUNNING"))
        .findFirst()
        .orElseThrow()
        .getId();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aPodWithoutRestartsEndsWithItsContainer(int exitCode) {
    kubelet.add(web().restartPolicy(RestartPolicy.NEVER).build());
    time.advance(TEN_SECONDS);

    runtime.killContainer(onlyContainer(), exitCode);
    time.advance(TEN_SECONDS);

    assertThat(kubelet.phase("web")).isEqualTo(exitCode == 0 ? Phase.SUCCEEDED : Phase.FAILED);
    assertThat(runtime.journal().callsOf("CreateContainer")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFailedSandboxIsReplacedAndRemoved(boolean evented) {
    start(evented);
    kubelet.add(web().build());
    time.advance(TEN_SECONDS);

    runtime.killPod(runtime.pods().get(0).getId());
    time.advance(Duration.ofMinutes(7));

    assertThat(kubelet.phase("web")).isEqualTo(Phase.RUNNING);
    assertThat(runtime.pods()).hasSize(1);
    assertThat(runtime.pods().get(0).getMetadata().getAttempt()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aContainerWithAFailedProbeIsRestarted(boolean healthy) {
    runtime.onExecSync(request -> ExecResult.exits(healthy ? 0 : 1));
    kubelet.add(PodSpec.named("web").container("main", "nginx", List.of("check")).build());

    time.advance(Duration.ofMinutes(1));

    assertThat(runtime.journal().callsOf("ExecSync").size()).isGreaterThan(3);
    assertThat(runtime.journal().callsOf("CreateContainer").size() > 1).isEqualTo(!healthy);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void unusedImagesAreRemoved(boolean used) {
    runtime.pullImage("busybox");
    kubelet.add(web().build());
    time.advance(TEN_SECONDS);
    if (!used) {
      kubelet.delete("web");
    }

    time.advance(Duration.ofMinutes(15));

    assertThat(runtime.images()).hasSize(used ? 1 : 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RunPodSandbox", "CreateContainer", "StartContainer", "PullImage"})
  void failedCallsAreRetried(String rpc) {
    runtime.failNext(rpc, Code.UNKNOWN, "disk full");
    kubelet.add(web().build());

    time.advance(Duration.ofMinutes(2));

    assertThat(kubelet.phase("web")).isEqualTo(Phase.RUNNING);
    assertThat(runtime.pods()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRestartedKubeletAdoptsThePods(boolean evented) {
    start(evented);
    kubelet.add(web().build());
    time.advance(TEN_SECONDS);

    kubelet.restart();
    time.advance(Duration.ofMinutes(5));

    assertThat(runtime.journal().callsOf("RunPodSandbox")).hasSize(1);
    assertThat(runtime.journal().callsOf("CreateContainer")).hasSize(1);
    assertThat(kubelet.phase("web")).isEqualTo(Phase.RUNNING);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void unknownPodsAreRemoved(boolean evented) {
    start(evented);
    KubeletSimulator other = KubeletSimulator.builder(runtime, time).start();
    other.add(web().build());
    time.advance(TEN_SECONDS);
    assertThat(runtime.pods()).hasSize(1);
    other.close();

    time.advance(Duration.ofMinutes(7));

    assertThat(runtime.pods()).isEmpty();
  }
}
