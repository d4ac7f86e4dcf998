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

/** A runtime that is itself brought by a pod, as a DaemonSet does it on the nodes of a cluster. */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class ChickenAndEggE2eTest extends OnOwnPair {

  /**
   * The container is what such DaemonSets run: privileged, with the processes of the host in sight,
   * it goes to where the host's files are and starts the daemon there. Nothing but that container
   * starts it here.
   */
  @Test
  void podOnThePrimaryStartsTheSecondaryAndAPodThatWasRefusedNowRunsThere() throws IOException {
    runtime(SECONDARY).kill();
    Files.delete(runtime(SECONDARY).socket());
    try (RouterInFront router = RouterInFront.of(pair().runtimes(), RouterInFront.Setup.DEFAULT)) {
      PodSandboxConfig marked = PodSpecs.pod(pair(), SECONDARY, "egg");
      Outcome refused =
          Outcome.of(() -> KubeletPod.run(router.client(), SECONDARY, marked, "").status());
      assertThat(refused.code()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(refused.message())
          .contains(SECONDARY.backend().toString(), runtime(SECONDARY).socket().toString());

      KubeletPod hen = KubeletPod.run(router.client(), PRIMARY, hostPod("hen"), "");
      String daemon = hen.start(daemonOnTheHost());

      Await.until(
          "socket of the runtime",
          () -> Files.exists(runtime(SECONDARY).socket()),
          exists -> exists);
      KubeletPod egg =
          Await.until("pod on it", () -> tryToRun(router, marked), Optional::isPresent)
              .orElseThrow();
      String container = egg.start(PodSpecs.talker("main", "hello"));
      assertThat(egg.status(container).getStatus().getState())
          .isEqualTo(ContainerState.CONTAINER_RUNNING);
      assertThat(runtime(SECONDARY).isAlive()).as("the test has started it").isFalse();
      assertThat(hen.status(daemon).getStatus().getState())
          .isEqualTo(ContainerState.CONTAINER_RUNNING);
      egg.delete();
      hen.delete();
    }
  }

  /**
   * As a kubelet tries again and again, with the same pod. A containerd that has just come says
   * that it "is not initialized yet", with a code that depends on its version.
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
