package io.crirouter.core.internal.inventory;

import static io.crirouter.core.internal.inventory.InventoryFixture.answer;
import static io.crirouter.core.internal.inventory.InventoryFixture.container;
import static io.crirouter.core.internal.inventory.InventoryFixture.containers;
import static io.crirouter.core.internal.inventory.InventoryFixture.image;
import static io.crirouter.core.internal.inventory.InventoryFixture.images;
import static io.crirouter.core.internal.inventory.InventoryFixture.sandboxes;
import static io.crirouter.core.internal.inventory.InventoryFixture.succeed;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.CreateContainerResponse;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ImageStatusResponse;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import org.junit.jupiter.api.Test;

/** Answers that come late, one case each: what {@link InventoryPropertyTest} finds at random. */
class LateAnswersTest {
  private final InventoryFixture fixture = new InventoryFixture();

  private ResponseObserver create(String sandbox) {
    return fixture.ask(
        "CreateContainer", CreateContainerRequest.newBuilder().setPodSandboxId(sandbox).build());
  }

  private static CreateContainerResponse created(String id) {
    return CreateContainerResponse.newBuilder().setContainerId(id).build();
  }

  private ResponseObserver removeImage(String name) {
    return fixture.ask(
        "RemoveImage",
        RemoveImageRequest.newBuilder().setImage(ImageSpec.newBuilder().setImage(name)).build());
  }

  private void showImage(String id) throws Exception {
    answer(
        fixture.ask("ImageStatus", ImageStatusRequest.getDefaultInstance()),
        ImageStatusResponse.newBuilder().setImage(image(id)).build());
  }

  /** A list that was patched is not what the inventory has, and may be true again later. */
  @Test
  void aListThatLacksWhatWasCreatedMeanwhileCountsWhenItComesAgain() throws Exception {
    fixture.list(Kind.POD_SANDBOX, sandboxes("s"));
    ResponseObserver list = fixture.askAll(Kind.CONTAINER);
    answer(create("s"), created("c"));
    answer(list, containers());
    assertThat(fixture.ids(Kind.CONTAINER)).containsExactly("c");

    fixture.list(Kind.CONTAINER, containers());

    assertThat(fixture.ids(Kind.CONTAINER)).as("somebody else removed it").isEmpty();
  }

  @Test
  void aListWithAnImageThatWasRemovedMeanwhileCountsWhenItComesAgain() throws Exception {
    fixture.list(Kind.IMAGE, images("i"));
    ResponseObserver list = fixture.askAll(Kind.IMAGE);
    succeed(removeImage("i"));
    answer(list, images("i"));
    assertThat(fixture.ids(Kind.IMAGE)).isEmpty();

    fixture.list(Kind.IMAGE, images("i"));

    assertThat(fixture.ids(Kind.IMAGE)).as("it was pulled again").containsExactly("i");
  }

  @Test
  void anImageThatWasPulledAgainIsKnownFromItsStatus() throws Exception {
    fixture.list(Kind.IMAGE, images("i"));
    succeed(removeImage("i"));

    showImage("i");

    assertThat(fixture.ids(Kind.IMAGE)).containsExactly("i");
  }

  @Test
  void aStatusAskedBeforeAListThatLacksTheThingDoesNotBringItBack() throws Exception {
    fixture.list(Kind.POD_SANDBOX, sandboxes());
    ResponseObserver status = fixture.ask("PodSandboxStatus", "s");
    fixture.list(Kind.POD_SANDBOX, sandboxes());

    answer(
        status,
        PodSandboxStatusResponse.newBuilder()
            .setStatus(PodSandboxStatus.newBuilder().setId("s"))
            .build());

    assertThat(fixture.ids(Kind.POD_SANDBOX)).isEmpty();
  }

  @Test
  void aCreationThatIsAnsweredAfterTheRemovalOfWhatItMadeBringsNothingBack() throws Exception {
    ResponseObserver creation =
        fixture.ask("RunPodSandbox", RunPodSandboxRequest.getDefaultInstance());
    fixture.list(Kind.POD_SANDBOX, sandboxes("s"));
    succeed(fixture.ask("RemovePodSandbox", "s"));

    answer(creation, RunPodSandboxResponse.newBuilder().setPodSandboxId("s").build());

    assertThat(fixture.ids(Kind.POD_SANDBOX)).isEmpty();
  }

  /** Lists may be carried out in another order than they were asked for. */
  @Test
  void aCreationCountsAlsoIfOneOfTwoListsWasMadeBeforeIt() throws Exception {
    ResponseObserver one = fixture.askAll(Kind.POD_SANDBOX);
    ResponseObserver creation =
        fixture.ask("RunPodSandbox", RunPodSandboxRequest.getDefaultInstance());
    ResponseObserver other = fixture.askAll(Kind.POD_SANDBOX);
    answer(one, sandboxes("s"));
    answer(other, sandboxes());

    answer(creation, RunPodSandboxResponse.newBuilder().setPodSandboxId("s").build());

    assertThat(fixture.ids(Kind.POD_SANDBOX)).containsExactly("s");
  }

  @Test
  void aCreationDoesNotUndoWhatAListSaidOfItsSandboxMeanwhile() throws Exception {
    ResponseObserver creation =
        fixture.ask("RunPodSandbox", RunPodSandboxRequest.getDefaultInstance());
    fixture.list(Kind.POD_SANDBOX, sandboxes("s"));
    succeed(fixture.ask("StopPodSandbox", "s"));

    answer(creation, RunPodSandboxResponse.newBuilder().setPodSandboxId("s").build());

    assertThat(fixture.item(Kind.POD_SANDBOX, "s"))
        .isEqualTo(
            InventoryFixture.sandbox("s").toBuilder()
                .setState(PodSandboxState.SANDBOX_NOTREADY)
                .build());
  }

  @Test
  void aContainerThatWasCreatedInASandboxRemovedMeanwhileIsGoneWithIt() throws Exception {
    fixture.list(Kind.POD_SANDBOX, sandboxes("s"));
    fixture.list(Kind.CONTAINER, containers());
    ResponseObserver creation = create("s");
    ResponseObserver list = fixture.askAll(Kind.CONTAINER);
    succeed(fixture.ask("RemovePodSandbox", "s"));

    answer(creation, created("c"));
    answer(list, containers(container("d", "s")));

    assertThat(fixture.ids(Kind.CONTAINER))
        .as("a kubelet fails on a container without its sandbox")
        .isEmpty();
  }

  @Test
  void anEventDoesNotShowContainersOfASandboxThatWasRemoved() throws Exception {
    fixture.list(Kind.POD_SANDBOX, sandboxes("s"));
    fixture.list(Kind.CONTAINER, containers());
    succeed(fixture.ask("RemovePodSandbox", "s"));

    fixture.inventory.observeEvent(
        ContainerEventResponse.newBuilder()
            .setContainerId("c")
            .setContainerEventType(ContainerEventType.CONTAINER_CREATED_EVENT)
            .setPodSandboxStatus(PodSandboxStatus.newBuilder().setId("s"))
            .addContainersStatuses(ContainerStatus.newBuilder().setId("c"))
            .build()
            .toByteString());

    assertThat(fixture.ids(Kind.CONTAINER)).isEmpty();
  }

  @Test
  void aStartThatIsAnsweredAfterTheStopDoesNotMakeTheContainerRunAgain() throws Exception {
    fixture.list(Kind.CONTAINER, containers(container("c", "s")));
    ResponseObserver start = fixture.ask("StartContainer", "c");
    succeed(fixture.ask("StopContainer", "c"));

    succeed(start);

    assertThat(((Container) fixture.item(Kind.CONTAINER, "c")).getState())
        .isEqualTo(ContainerState.CONTAINER_EXITED);
  }

  @Test
  void aLateRemovalByAShortenedIdHitsNothingElseThatBeginsSo() throws Exception {
    fixture.list(Kind.CONTAINER, containers(container("c1", "s")));
    ResponseObserver late = fixture.ask("RemoveContainer", "c");
    succeed(fixture.ask("RemoveContainer", "c1"));
    answer(create("s"), created("c2"));

    succeed(late);

    assertThat(fixture.ids(Kind.CONTAINER)).containsExactly("c2");
  }

  /** Runtimes call it a success if there is nothing to remove. */
  @Test
  void aRemovalByAShortenedIdDoesNotHitWhatWasCreatedAfterItWasAsked() throws Exception {
    fixture.list(Kind.POD_SANDBOX, sandboxes());
    ResponseObserver removal = fixture.ask("RemovePodSandbox", "s");
    answer(
        fixture.ask("RunPodSandbox", RunPodSandboxRequest.getDefaultInstance()),
        RunPodSandboxResponse.newBuilder().setPodSandboxId("s1").build());

    succeed(removal);

    assertThat(fixture.ids(Kind.POD_SANDBOX)).containsExactly("s1");
  }

  @Test
  void aRepeatedRemovalByAWholeIdHitsNothingElseThatBeginsSo() throws Exception {
    fixture.list(Kind.CONTAINER, containers(container("c", "s"), container("c2", "s")));
    ResponseObserver again = fixture.ask("RemoveContainer", "c");
    succeed(fixture.ask("RemoveContainer", "c"));

    succeed(again);

    assertThat(fixture.ids(Kind.CONTAINER)).containsExactly("c2");
  }

  @Test
  void aRemovalOfAnImageWithoutANameRemovesNone() throws Exception {
    fixture.list(Kind.IMAGE, images("i", "j"));

    succeed(removeImage(""));

    assertThat(fixture.ids(Kind.IMAGE)).containsExactly("i", "j");
  }

  @Test
  void aRuntimeThatLacksListsHasNoneAlsoAfterARestart() throws Exception {
    fixture.askAll(Kind.CONTAINER).onClose(RpcStatus.of(Code.UNIMPLEMENTED, "no such rpc"));
    assertThat(fixture.inventory.isKnown(Kind.CONTAINER)).isTrue();

    assertThat(fixture.save()).isTrue();

    Inventories next =
        new Inventories(
            InventoryFixture.openState(fixture.store, fixture.clock), fixture.clock, true);
    assertThat(next.open(InventoryFixture.origin("alt"), false).isKnown(Kind.CONTAINER)).isTrue();
  }

  /** A kubelet asks for the unary list then, which is the one that tells. */
  @Test
  void aPrimaryThatLacksStreamsMayStillHaveSomething() {
    fixture
        .ask("StreamContainers", ImageSpec.getDefaultInstance())
        .onClose(RpcStatus.of(Code.UNIMPLEMENTED, "no such rpc"));

    assertThat(fixture.inventory.isKnown(Kind.CONTAINER)).isFalse();
  }
}
