package io.crirouter.testkit.e2e;

import static io.crirouter.testkit.e2e.Side.PRIMARY;
import static io.crirouter.testkit.e2e.Side.SECONDARY;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.LinuxContainerConfig;
import io.crirouter.proto.v1.LinuxContainerSecurityContext;
import io.crirouter.proto.v1.LinuxSandboxSecurityContext;
import io.crirouter.proto.v1.NamespaceMode;
import io.crirouter.proto.v1.NamespaceOption;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A secondary runtime that is started by a pod of the primary, for example of a DaemonSet. */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class RuntimeStartedByPodE2eTest extends WithExclusivePair {

  /**
   * Like in such a DaemonSet, the container is privileged, is in the PID namespace of the host and
   * starts the daemon in the mount namespace of the host. Only that container starts it here.
   */
  @Test
  void aPodOfThePrimaryStartsTheSecondaryAndARefusedPodThenRuns() throws IOException {
    runtime(SECONDARY).kill();
    Files.delete(runtime(SECONDARY).socket());
    try (RouterInFront router = RouterInFront.of(pair().runtimes(), RouterInFront.Setup.DEFAULT)) {
      PodSandboxConfig marked = PodSpecs.pod(pair(), SECONDARY, "secondaryPod");
      Outcome refused =
          Outcome.of(() -> KubeletPod.run(router.client(), SECONDARY, marked, "").status());
      assertThat(refused.code()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(refused.message())
          .contains(SECONDARY.backend().toString(), runtime(SECONDARY).socket().toString());

      KubeletPod daemonPod = KubeletPod.run(router.client(), PRIMARY, hostPod("daemonPod"), "");
      String daemon = daemonPod.start(daemonOnTheHost());

      Await.until(
          "socket of the runtime",
          () -> Files.exists(runtime(SECONDARY).socket()),
          exists -> exists);
      KubeletPod secondaryPod =
          Await.until("pod on it", () -> tryToRun(router, marked), Optional::isPresent)
              .orElseThrow();
      String container = secondaryPod.start(PodSpecs.printing("main", "hello"));
      assertThat(secondaryPod.status(container).getStatus().getState())
          .isEqualTo(ContainerState.CONTAINER_RUNNING);
      assertThat(runtime(SECONDARY).isAlive()).as("started by the test itself").isFalse();
      assertThat(daemonPod.status(daemon).getStatus().getState())
          .isEqualTo(ContainerState.CONTAINER_RUNNING);
      secondaryPod.delete();
      daemonPod.delete();
    }
  }

  /**
   * Runs the same pod again, as a kubelet retries. A containerd that has just started answers "is
   * not initialized yet", with a code that depends on its version.
   */
  private static Optional<KubeletPod> tryToRun(RouterInFront router, PodSandboxConfig pod) {
    try {
      return Optional.of(KubeletPod.run(router.client(), SECONDARY, pod, ""));
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus())
          .satisfiesAnyOf(
              status -> assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE),
              status -> assertThat(status.getDescription()).contains("not initialized yet"));
      return Optional.empty();
    }
  }

  private PodSandboxConfig hostPod(String name) {
    PodSandboxConfig.Builder pod = PodSpecs.pod(pair(), PRIMARY, name).toBuilder().clearHostname();
    pod.getLinuxBuilder()
        .setSecurityContext(
            LinuxSandboxSecurityContext.newBuilder()
                .setPrivileged(true)
                .setNamespaceOptions(ofTheHost()));
    return pod.build();
  }

  private ContainerConfig.Builder daemonOnTheHost() {
    Path program = line.containerd();
    return PodSpecs.container(
            "daemon",
            String.format(
                "exec nsenter -t %d -m -- /usr/bin/env PATH=%s:/usr/sbin:/usr/bin:/sbin:/bin"
                    + " %s --config %s/config.toml",
                ProcessHandle.current().pid(),
                program.getParent(),
                program,
                runtime(SECONDARY).directory()))
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setSecurityContext(
                    LinuxContainerSecurityContext.newBuilder()
                        .setPrivileged(true)
                        .setNamespaceOptions(ofTheHost())));
  }

  private static NamespaceOption ofTheHost() {
    return NamespaceOption.newBuilder()
        .setPid(NamespaceMode.NODE)
        .setNetwork(NamespaceMode.NODE)
        .build();
  }
}
