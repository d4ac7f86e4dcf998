package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import io.crirouter.core.BackendName;
import io.crirouter.core.IdOwner;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.Scheduler;
import io.crirouter.core.StateStore;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListImagesResponse;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.StopContainerRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** An inventory with what it needs around it, and the calls that tests make. */
final class InventoryFixture {
  final ManualClock clock = new ManualClock();
  final RecordingStore store = new RecordingStore();
  final SavedState state = openState(store, clock);
  final Inventories inventories = new Inventories(state, clock, true);
  final Inventory inventory;

  /** With the inventory of a secondary. */
  InventoryFixture() {
    inventory = open("alt");
  }

  private InventoryFixture(String primary) {
    inventory = inventories.open(origin(primary), true);
  }

  /** A state that is saved. */
  static SavedState openState(StateStore store, Scheduler clock) {
    SavedState state = new SavedState(store, clock);
    state.open();
    return state;
  }

  static InventoryFixture ofPrimary() {
    return new InventoryFixture("main");
  }

  Inventory open(String name) {
    return inventories.open(origin(name), false);
  }

  static Origin origin(String name) {
    return new Origin(IdOwner.of(BackendName.of(name), "p"), "/run/" + name + ".sock");
  }

  /** A call is sent. */
  ResponseObserver ask(String rpc, MessageLite request) {
    return inventory.observe(Schema.cri().require(rpc), request.toByteString());
  }

  /** A call about one pod sandbox or container is sent: all of them have the id in one field. */
  ResponseObserver ask(String rpc, String id) {
    return ask(rpc, StopContainerRequest.newBuilder().setContainerId(id).build());
  }

  /** A list of everything is asked for. */
  ResponseObserver askAll(Kind kind) {
    return ask(kind.listRpc().name(), StopContainerRequest.getDefaultInstance());
  }

  /** A call is answered. */
  static void answer(ResponseObserver call, MessageLite response) throws MalformedMessageException {
    answer(call, response.toByteString());
  }

  static void answer(ResponseObserver call, ByteString response) throws MalformedMessageException {
    call.onMessage(response);
    call.onClose(RpcStatus.OK);
  }

  /** A call is answered that has nothing to say. */
  static void succeed(ResponseObserver call) throws MalformedMessageException {
    answer(call, ByteString.EMPTY);
  }

  void list(Kind kind, MessageLite list) throws MalformedMessageException {
    answer(askAll(kind), list);
  }

  /** The ids that would be listed in the runtime's stead. */
  Set<String> ids(Kind kind) throws Exception {
    return ListedObjects.of(kind, inventory.answer(kind, ByteString.EMPTY)).keySet();
  }

  Message item(Kind kind, String id) throws Exception {
    return ListedObjects.of(kind, inventory.answer(kind, ByteString.EMPTY)).get(id);
  }

  /** Writes what is unsaved; returns whether anything was. */
  boolean save() {
    int before = store.saved.size();
    clock.runTasks();
    return store.saved.size() > before;
  }

  static PodSandbox sandbox(String id) {
    return PodSandbox.newBuilder()
        .setId(id)
        .setMetadata(PodSandboxMetadata.newBuilder().setUid("uid-" + id))
        .build();
  }

  static Container container(String id, String sandbox) {
    return Container.newBuilder()
        .setId(id)
        .setPodSandboxId(sandbox)
        .setImage(ImageSpec.newBuilder().setImage("image"))
        .build();
  }

  static Image image(String id) {
    return Image.newBuilder().setId(id).addRepoTags("tag-of-" + id + ":latest").build();
  }

  static ListPodSandboxResponse sandboxes(String... ids) {
    List<PodSandbox> items = Arrays.stream(ids).map(InventoryFixture::sandbox).toList();
    return ListPodSandboxResponse.newBuilder().addAllItems(items).build();
  }

  static ListContainersResponse containers(Container... containers) {
    return ListContainersResponse.newBuilder().addAllContainers(List.of(containers)).build();
  }

  static ListImagesResponse images(String... ids) {
    List<Image> items = Arrays.stream(ids).map(InventoryFixture::image).toList();
    return ListImagesResponse.newBuilder().addAllImages(items).build();
  }
}
