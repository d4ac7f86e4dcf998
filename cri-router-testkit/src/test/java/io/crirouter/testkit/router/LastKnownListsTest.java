package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStateValue;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStateValue;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.StreamPodSandboxesRequest;
import io.crirouter.testkit.CriClient;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pods of a runtime that does not answer stay in the lists. */
class LastKnownListsTest {
  private final SimulatedNode node = SimulatedNode.start();

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void podsOfALostRuntimeStayListed() {
    String plain = node.runPod("web", PRIMARY);
    String marked = node.runPod("vm", VIRTLET);
    String container = node.runContainer(marked, "main");
    List<PodSandbox> before = node.sandboxes();
    List<Container> containersBefore = node.containers();

    node.virtlet().down();

    assertThat(node.sandboxes()).isEqualTo(before).extracting(PodSandbox::getId).contains(plain);
    assertThat(node.containers()).isEqualTo(containersBefore);
    assertThat(node.containers()).extracting(Container::getId).containsExactly(container);
  }

  @Test
  void objectsCreatedAfterTheLastListAreListed() {
    String sandbox = node.runPod("vm", VIRTLET);
    String container = node.runContainer(sandbox, "main");
    node.virtlet().down();

    PodSandbox listed = node.sandboxes().get(0);
    assertThat(listed.getId()).isEqualTo(sandbox);
    assertThat(listed.getMetadata().getUid()).isEqualTo("uid-vm");
    assertThat(listed.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
    assertThat(listed.getLabelsMap()).containsEntry("app", "vm");
    assertThat(listed.getCreatedAt()).isPositive();
    Container running = node.containers().get(0);
    assertThat(running.getId()).isEqualTo(container);
    assertThat(running.getPodSandboxId()).isEqualTo(sandbox);
    assertThat(running.getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
  }

  @Test
  void objectsStoppedOrRemovedAfterTheLastListAreKnown() {
    String stays = node.runPod("stays", VIRTLET);
    String stopped = node.runContainer(stays, "stopped");
    String goes = node.runPod("goes", VIRTLET);
    node.runContainer(goes, "main");
    node.sandboxes();
    node.containers();

    node.client()
        .runtime()
        .stopContainer(StopContainerRequest.newBuilder().setContainerId(stopped).build());
    node.client()
        .runtime()
        .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(goes).build());
    node.client()
        .runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(goes).build());
    node.virtlet().down();

    assertThat(node.sandboxes()).extracting(PodSandbox::getId).containsExactly(stays);
    assertThat(node.containers()).hasSize(1);
    assertThat(node.containers().get(0).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
  }

  @Test
  void filtersApplyToTheLastKnownState() {
    String one = node.runPod("one", VIRTLET);
    String two = node.runPod("two", VIRTLET);
    String container = node.runContainer(one, "main");
    node.client()
        .runtime()
        .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(two).build());
    node.virtlet().down();

    assertThat(ids(PodSandboxFilter.newBuilder().setId(one))).containsExactly(one);
    assertThat(ids(PodSandboxFilter.newBuilder().putLabelSelector("app", "two")))
        .containsExactly(two);
    assertThat(
            ids(
                PodSandboxFilter.newBuilder()
                    .setState(
                        PodSandboxStateValue.newBuilder().setState(PodSandboxState.SANDBOX_READY))))
        .containsExactly(one);
    assertThat(containerIds(ContainerFilter.newBuilder().setPodSandboxId(one)))
        .containsExactly(container);
    assertThat(
            containerIds(
                ContainerFilter.newBuilder()
                    .setState(
                        ContainerStateValue.newBuilder()
                            .setState(ContainerState.CONTAINER_EXITED))))
        .isEmpty();
  }

  private List<String> ids(PodSandboxFilter.Builder filter) {
    return node
        .client()
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.newBuilder().setFilter(filter).build())
        .getItemsList()
        .stream()
        .map(PodSandbox::getId)
        .toList();
  }

  private List<String> containerIds(ContainerFilter.Builder filter) {
    return node
        .client()
        .runtime()
        .listContainers(ListContainersRequest.newBuilder().setFilter(filter).build())
        .getContainersList()
        .stream()
        .map(Container::getId)
        .toList();
  }

  @Test
  void existingObjectsAreKnownWithoutAList() {
    try (SimulatedNode late = SimulatedNode.of(PRIMARY, VIRTLET)) {
      String native_ = directPod(late);
      late.startRouter();

      late.virtlet().down();

      assertThat(late.sandboxes())
          .extracting(PodSandbox::getId)
          .containsExactly("virt__" + native_);
    }
  }

  private static String directPod(SimulatedNode late) {
    try (var direct = CriClient.of(late.virtlet())) {
      return direct
          .runtime()
          .runPodSandbox(
              RunPodSandboxRequest.newBuilder()
                  .setConfig(SimulatedNode.pod("old", VIRTLET))
                  .build())
          .getPodSandboxId();
    }
  }

  @Test
  void aRuntimeThatWasNeverSeenHasNoItems() {
    try (SimulatedNode fresh = SimulatedNode.of(PRIMARY, VIRTLET)) {
      fresh.virtlet().down();
      fresh.startRouter();
      String plain = fresh.runPod("web", PRIMARY);

      assertThat(fresh.sandboxes()).extracting(PodSandbox::getId).containsExactly(plain);
    }
  }

  @Test
  void aFailureOfThePrimaryIsTheResponse() {
    node.runtime(PRIMARY).failNext("ListPodSandbox", Code.INTERNAL, "the store is broken");

    assertThatThrownBy(node::sandboxes)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getDescription()).isEqualTo("the store is broken"));
  }

  @Test
  void podsStayListedWhenASecondaryFails() {
    String marked = node.runPod("vm", VIRTLET);
    node.sandboxes();
    node.virtlet().failNext("ListPodSandbox", Code.UNKNOWN, "busy");

    assertThat(node.sandboxes()).extracting(PodSandbox::getId).containsExactly(marked);
  }

  @Test
  void callsByIdToALostRuntimeAreUnavailableAndNeverNotFound() {
    String sandbox = node.runPod("vm", VIRTLET);
    String container = node.runContainer(sandbox, "main");
    node.virtlet().down();

    assertThatThrownBy(
            () ->
                node.client()
                    .runtime()
                    .containerStatus(
                        ContainerStatusRequest.newBuilder().setContainerId(container).build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
              assertThat(e.getStatus().getDescription()).contains("virtlet.cloud");
            });
  }

  @Test
  void imagesOfALostRuntimeStayListed() {
    List<Image> before = images();

    node.virtlet().down();

    assertThat(images()).isNotEmpty().isEqualTo(before);
  }

  private List<Image> images() {
    return new ImageCalls(node.client()).list();
  }

  @Test
  void filtersApplyToLastKnownImages() {
    String id = node.virtlet().pullImage("cirros").getId();
    images();
    node.virtlet().down();

    ImageCalls calls = new ImageCalls(node.client());
    assertThat(calls.list("virtlet.cloud/cirros")).extracting(Image::getId).containsExactly(id);
    assertThat(calls.list(id)).extracting(Image::getId).containsExactly(id);
    assertThat(calls.list("virtlet.cloud/nginx")).isEmpty();
  }

  @Test
  void filteredListsDoNotRestrictTheLastKnownState() {
    String one = node.runPod("one", VIRTLET);
    String two = node.runPod("two", VIRTLET);
    ids(PodSandboxFilter.newBuilder().setId(one));
    ids(PodSandboxFilter.newBuilder().putLabelSelector("app", "nothing"));

    node.virtlet().down();

    assertThat(node.sandboxes()).extracting(PodSandbox::getId).containsExactly(one, two);
  }

  @Test
  void streamedListsHaveThePodsOfALostRuntime() {
    String marked = node.runPod("vm", VIRTLET);
    node.virtlet().down();

    List<String> streamed =
        new ArrayList<>(
            List.of(
                node.client()
                    .runtime()
                    .streamPodSandboxes(StreamPodSandboxesRequest.getDefaultInstance())
                    .next()
                    .getPodSandboxes(0)
                    .getId()));

    assertThat(streamed).containsExactly(marked);
  }

  @Test
  void idsAreTheSameAfterAnOutage() {
    String marked = node.runPod("vm", VIRTLET);
    node.virtlet().down();
    node.sandboxes();

    node.virtlet().up();
    node.advance(Duration.ofSeconds(1));

    ListPodSandboxResponse randomChange =
        node.client().runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
    assertThat(randomChange.getItemsList()).extracting(PodSandbox::getId).containsExactly(marked);
    assertThat(node.virtlet().journal().callsOf("ListPodSandbox").size()).isGreaterThan(1);
  }
}
