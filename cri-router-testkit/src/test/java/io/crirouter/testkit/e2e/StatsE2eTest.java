package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ContainerStats;
import io.crirouter.proto.v1.ContainerStatsFilter;
import io.crirouter.proto.v1.ContainerStatsRequest;
import io.crirouter.proto.v1.ListContainerStatsRequest;
import io.crirouter.proto.v1.ListPodSandboxStatsRequest;
import io.crirouter.proto.v1.PodSandboxStats;
import io.crirouter.proto.v1.PodSandboxStatsFilter;
import io.crirouter.proto.v1.PodSandboxStatsRequest;
import io.crirouter.proto.v1.PodSandboxStatsResponse;
import io.crirouter.testkit.containerd.ContainerdLine;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stats of containers and pods on both runtimes, single and as filtered lists. */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class StatsE2eTest extends WithSharedPair {

  @ParameterizedTest
  @EnumSource
  void containerStatsAreThoseOfTheRuntime(Side side) {
    ContainerStats stats = containerStats(side);

    assertThat(stats.getAttributes().getId()).isEqualTo(container(side));
    assertThat(stats.getCpu().getUsageCoreNanoSeconds().getValue()).isPositive();
    assertThat(stats.getMemory().getWorkingSetBytes().getValue()).isPositive();
    assertThat(side.toRuntimeNames(VolatileFields.removedFrom(stats)))
        .isEqualTo(
            VolatileFields.removedFrom(
                direct(side)
                    .runtime()
                    .containerStats(
                        ContainerStatsRequest.newBuilder()
                            .setContainerId(ownContainer(side))
                            .build())
                    .getStats()));
  }

  @ParameterizedTest
  @EnumSource
  void podStatsAreThoseOfTheRuntime(Side side) {
    PodSandboxStats stats = podStats(proxy().runtime()::podSandboxStats, pod(side).id());

    assertThat(stats.getAttributes().getId()).isEqualTo(pod(side).id());
    assertThat(stats.getAttributes().getLabelsMap()).isEqualTo(pod(side).config().getLabelsMap());
    assertThat(stats.getLinux().getContainersList())
        .extracting(container -> container.getAttributes().getId())
        .containsExactly(container(side));
    assertThat(side.toRuntimeNames(VolatileFields.removedFrom(stats)))
        .isEqualTo(
            VolatileFields.removedFrom(
                podStats(direct(side).runtime()::podSandboxStats, pod(side).ownId())));
  }

  @Test
  void unfilteredListsHaveTheStatsOfBothRuntimesOnce() {
    assertThat(containerList(ContainerStatsFilter.newBuilder()))
        .contains(container(Side.PRIMARY), container(Side.SECONDARY))
        .doesNotHaveDuplicates();
    assertThat(podList(PodSandboxStatsFilter.newBuilder()))
        .contains(pod(Side.PRIMARY).id(), pod(Side.SECONDARY).id())
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @EnumSource
  void filtersApplyToBothRuntimes(Side side) {
    String pod = pod(side).id();
    assertThat(containerList(ContainerStatsFilter.newBuilder().setId(container(side))))
        .containsExactly(container(side));
    assertThat(containerList(ContainerStatsFilter.newBuilder().setPodSandboxId(pod)))
        .containsExactly(container(side));
    assertThat(
            containerList(
                ContainerStatsFilter.newBuilder()
                    .setPodSandboxId(pod)
                    .putLabelSelector("io.kubernetes.container.name", "other")))
        .isEmpty();
    assertThat(podList(PodSandboxStatsFilter.newBuilder().setId(pod))).containsExactly(pod);
    assertThat(
            podList(
                PodSandboxStatsFilter.newBuilder().putLabelSelector(PodSpecs.APP, pod(side).app())))
        .containsExactly(pod);
  }

  private ContainerStats containerStats(Side side) {
    return proxy()
        .runtime()
        .containerStats(ContainerStatsRequest.newBuilder().setContainerId(container(side)).build())
        .getStats();
  }

  private static PodSandboxStats podStats(
      Function<PodSandboxStatsRequest, PodSandboxStatsResponse> call, String id) {
    return call.apply(PodSandboxStatsRequest.newBuilder().setPodSandboxId(id).build()).getStats();
  }

  private List<String> containerList(ContainerStatsFilter.Builder filter) {
    return proxy()
        .runtime()
        .listContainerStats(ListContainerStatsRequest.newBuilder().setFilter(filter).build())
        .getStatsList()
        .stream()
        .map(stats -> stats.getAttributes().getId())
        .toList();
  }

  private List<String> podList(PodSandboxStatsFilter.Builder filter) {
    return proxy()
        .runtime()
        .listPodSandboxStats(ListPodSandboxStatsRequest.newBuilder().setFilter(filter).build())
        .getStatsList()
        .stream()
        .map(stats -> stats.getAttributes().getId())
        .toList();
  }
}
