package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStateValue;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStateValue;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lists of sandboxes and containers of both runtimes, with each filter. */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class ListE2eTest extends WithSharedPair {
  /** The length of shortened ids in crictl. */
  private static final int SHORT_ID = 13;

  @Test
  void unfilteredListsHaveAllItemsOfBothRuntimesOnce() {
    assertThat(sandboxes(PodSandboxFilter.newBuilder()))
        .contains(pod(Side.PRIMARY).id(), pod(Side.SECONDARY).id())
        .containsExactlyInAnyOrderElementsOf(
            ofBoth(
                side ->
                    listSandboxes(direct(side), PodSandboxFilter.newBuilder()).stream()
                        .map(sandbox -> side.id(sandbox.getId()))));
    assertThat(containers(ContainerFilter.newBuilder()))
        .contains(container(Side.PRIMARY), container(Side.SECONDARY))
        .containsExactlyInAnyOrderElementsOf(
            ofBoth(
                side ->
                    listContainers(direct(side), ContainerFilter.newBuilder()).stream()
                        .map(container -> side.id(container.getId()))));
  }

  @ParameterizedTest
  @EnumSource
  void listEntriesDifferFromTheRuntimeOnlyInIds(Side side) {
    assertThat(pod(side).container()).isNotEmpty();
    List<Message> listed = new ArrayList<>();
    for (PodSandbox sandbox : listSandboxes(proxy(), PodSandboxFilter.newBuilder())) {
      if (side.isIdForClients(sandbox.getId())) {
        listed.add(side.toRuntimeNames(sandbox));
      }
    }
    for (Container container : listContainers(proxy(), ContainerFilter.newBuilder())) {
      if (side.isIdForClients(container.getId())) {
        listed.add(side.toRuntimeNames(container));
      }
    }
    List<Message> direct = new ArrayList<>();
    direct.addAll(listSandboxes(direct(side), PodSandboxFilter.newBuilder()));
    direct.addAll(listContainers(direct(side), ContainerFilter.newBuilder()));

    assertThat(listed).hasSizeGreaterThan(1).containsExactlyInAnyOrderElementsOf(direct);
  }

  @ParameterizedTest
  @EnumSource
  void filtersFindFullAndShortenedIds(Side side) {
    for (String id : List.of(pod(side).id(), pod(side).id().substring(0, SHORT_ID))) {
      assertThat(sandboxes(PodSandboxFilter.newBuilder().setId(id)))
          .containsExactly(pod(side).id());
      assertThat(containers(ContainerFilter.newBuilder().setPodSandboxId(id)))
          .containsExactly(container(side));
    }
    for (String id : List.of(container(side), container(side).substring(0, SHORT_ID))) {
      assertThat(containers(ContainerFilter.newBuilder().setId(id)))
          .containsExactly(container(side));
    }
  }

  @ParameterizedTest
  @EnumSource
  void otherCallsAcceptShortenedIds(Side side) {
    String shortPod = pod(side).id().substring(0, SHORT_ID);
    String shortContainer = container(side).substring(0, SHORT_ID);

    assertThat(pod(side).status(shortContainer).getStatus().getId()).isEqualTo(container(side));
    assertThat(pod(side).exec(shortContainer, "true").getExitCode()).isZero();
    assertThat(pod(side).statusOf(shortPod).getStatus().getId()).isEqualTo(pod(side).id());
  }

  @Test
  void anIdShortenedWithinThePrefixMatchesAllInListsAndNoneInOtherCalls() {
    assertThat(sandboxes(PodSandboxFilter.newBuilder().setId("virt_")))
        .contains(pod(Side.SECONDARY).id())
        .allMatch(Side.SECONDARY::isIdForClients);
    assertThat(containers(ContainerFilter.newBuilder().setId("virt_")))
        .contains(container(Side.SECONDARY))
        .allMatch(Side.SECONDARY::isIdForClients);
    assertThat(Outcome.of(() -> pod(Side.SECONDARY).statusOf("virt_")).code())
        .isEqualTo(Status.Code.INVALID_ARGUMENT);
  }

  @ParameterizedTest
  @EnumSource
  void labelFiltersApplyToBothRuntimes(Side side) {
    assertThat(
            sandboxes(
                PodSandboxFilter.newBuilder().putLabelSelector(PodSpecs.APP, pod(side).app())))
        .containsExactly(pod(side).id());
    assertThat(
            containers(
                ContainerFilter.newBuilder()
                    .setPodSandboxId(pod(side).id())
                    .putLabelSelector("io.kubernetes.container.name", "main")))
        .containsExactly(container(side));
    assertThat(
            containers(
                ContainerFilter.newBuilder()
                    .setPodSandboxId(pod(side).id())
                    .putLabelSelector("io.kubernetes.container.name", "other")))
        .isEmpty();
  }

  @Test
  void stateFiltersApplyToBothRuntimes() {
    List<KubeletPod> stopped = new ArrayList<>();
    for (Side side : Side.values()) {
      KubeletPod pod = KubeletPod.run(pair(), side, "stopped");
      stopped.add(pod);
      pod.stop(pod.start(PodSpecs.printing("main", "bye")));
      pod.stopSandbox();
    }
    List<String> sandboxes = stopped.stream().map(KubeletPod::id).toList();
    List<String> containers = stopped.stream().map(KubeletPod::container).toList();
    List<String> running = List.of(container(Side.PRIMARY), container(Side.SECONDARY));
    List<String> ready = List.of(pod(Side.PRIMARY).id(), pod(Side.SECONDARY).id());

    assertThat(containers(inState(ContainerState.CONTAINER_EXITED)))
        .containsAll(containers)
        .doesNotContainAnyElementsOf(running);
    assertThat(containers(inState(ContainerState.CONTAINER_RUNNING)))
        .containsAll(running)
        .doesNotContainAnyElementsOf(containers);
    assertThat(sandboxes(inState(PodSandboxState.SANDBOX_NOTREADY)))
        .containsAll(sandboxes)
        .doesNotContainAnyElementsOf(ready);
    assertThat(sandboxes(inState(PodSandboxState.SANDBOX_READY)))
        .containsAll(ready)
        .doesNotContainAnyElementsOf(sandboxes);
    stopped.forEach(KubeletPod::delete);
  }

  @Test
  void contradictoryIdFiltersMatchNothing() {
    assertThat(
            containers(
                ContainerFilter.newBuilder()
                    .setId(container(Side.PRIMARY))
                    .setPodSandboxId(pod(Side.SECONDARY).id())))
        .isEmpty();
  }

  private static <T> List<T> ofBoth(Function<Side, Stream<T>> each) {
    return Stream.of(Side.values()).flatMap(each).toList();
  }

  private static ContainerFilter.Builder inState(ContainerState state) {
    return ContainerFilter.newBuilder().setState(ContainerStateValue.newBuilder().setState(state));
  }

  private static PodSandboxFilter.Builder inState(PodSandboxState state) {
    return PodSandboxFilter.newBuilder()
        .setState(PodSandboxStateValue.newBuilder().setState(state));
  }

  private List<String> sandboxes(PodSandboxFilter.Builder filter) {
    return listSandboxes(proxy(), filter).stream().map(PodSandbox::getId).toList();
  }

  private List<String> containers(ContainerFilter.Builder filter) {
    return listContainers(proxy(), filter).stream().map(Container::getId).toList();
  }

  private static List<PodSandbox> listSandboxes(CriClient client, PodSandboxFilter.Builder filter) {
    return client
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.newBuilder().setFilter(filter).build())
        .getItemsList();
  }

  private static List<Container> listContainers(CriClient client, ContainerFilter.Builder filter) {
    return client
        .runtime()
        .listContainers(ListContainersRequest.newBuilder().setFilter(filter).build())
        .getContainersList();
  }
}
