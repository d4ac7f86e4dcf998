package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.IdStrategy;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.grpc.Status;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A second router in front of the same runtimes, with native ids. */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class NativeIdsE2eTest extends WithSharedPair {
  private RouterInFront router;

  @BeforeParameterizedClassInvocation
  void startRouter() {
    pod(Side.PRIMARY);
    pod(Side.SECONDARY);
    router =
        RouterInFront.of(
            pair().runtimes(), RouterInFront.Setup.DEFAULT.with(IdStrategy.nativeIds()));
  }

  @AfterParameterizedClassInvocation
  void stopRouter() {
    if (router != null) {
      router.close();
    }
  }

  private CriClient client() {
    return router.client();
  }

  @Test
  void existingPodsAreListedWithNativeIds() {
    assertThat(sandboxes(client()))
        .containsAll(sandboxes(direct(Side.PRIMARY)))
        .containsAll(sandboxes(direct(Side.SECONDARY)))
        .doesNotHaveDuplicates()
        .allMatch(id -> id.matches("[0-9a-f]{64}"));
  }

  private static List<String> sandboxes(CriClient of) {
    return of
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList()
        .stream()
        .map(PodSandbox::getId)
        .toList();
  }

  @Test
  void containersAreFoundByFullShortenedAndPrefixedIds() {
    for (Side side : Side.values()) {
      String own = ownContainer(side);
      for (String named : List.of(own, own.substring(0, 13), container(side))) {
        assertThat(
                client()
                    .runtime()
                    .containerStatus(
                        ContainerStatusRequest.newBuilder().setContainerId(named).build())
                    .getStatus()
                    .getId())
            .as(named)
            .isEqualTo(own);
        assertThat(
                client()
                    .runtime()
                    .execSync(
                        ExecSyncRequest.newBuilder()
                            .setContainerId(named)
                            .addCmd("true")
                            .setTimeout(5)
                            .build())
                    .getExitCode())
            .as(named)
            .isZero();
      }
    }
  }

  @Test
  void aPodIsCreatedAndRemovedOnEachRuntime() {
    for (Side side : Side.values()) {
      KubeletPod pod =
          KubeletPod.run(client(), side, PodSpecs.pod(pair(), side, "native-" + side), "");
      String container = pod.start(PodSpecs.printing("main", "native"));

      assertThat(sandboxes(direct(side))).contains(pod.id());
      assertThat(containers(direct(side))).contains(container);
      assertThat(containers(client())).contains(container);
      pod.delete();
      assertThat(sandboxes(direct(side))).doesNotContain(pod.id());
    }
  }

  private static List<String> containers(CriClient of) {
    return of
        .runtime()
        .listContainers(ListContainersRequest.getDefaultInstance())
        .getContainersList()
        .stream()
        .map(Container::getId)
        .toList();
  }

  @Test
  void anUnknownIdIsNotFound() {
    assertThat(
            Outcome.of(
                    () ->
                        client()
                            .runtime()
                            .containerStatus(
                                ContainerStatusRequest.newBuilder()
                                    .setContainerId("0".repeat(64))
                                    .build()))
                .code())
        .isEqualTo(Status.Code.NOT_FOUND);
  }
}
