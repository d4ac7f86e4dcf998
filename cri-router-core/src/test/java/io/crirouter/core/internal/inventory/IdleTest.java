package io.crirouter.core.internal.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MessageSplitter;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListImagesResponse;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxStatus;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** On a node where nothing happens nothing is saved, in whatever order lists come. */
class IdleTest {
  private static final Map<String, String> MANY =
      Map.of("a", "1", "b", "2", "c", "3", "d", "4", "e", "5");

  private static final ImageSpec IMAGE =
      ImageSpec.newBuilder().setImage("image").putAllAnnotations(MANY).build();

  private final InventoryFixture fixture = new InventoryFixture();
  private final Random random = new Random(1);

  /** Each in another order of fields whenever it is asked for. */
  private ByteString sandboxes() throws Exception {
    ByteString sandbox =
        PodSandbox.newBuilder()
            .setId("s")
            .putAllLabels(MANY)
            .putAllAnnotations(MANY)
            .build()
            .toByteString();
    return list(
        ListPodSandboxResponse.newBuilder(), shuffled(sandbox), InventoryFixture.sandbox("t"));
  }

  private ByteString containers(Container container) throws Exception {
    Container bare = container.toBuilder().clearImage().build();
    ByteString image =
        Container.newBuilder()
            .setImage(ImageSpec.parseFrom(shuffled(IMAGE.toByteString())))
            .build()
            .toByteString();
    ByteString shuffled =
        container.hasImage() ? image.concat(shuffled(bare.toByteString())) : bare.toByteString();
    return list(
        ListContainersResponse.newBuilder(), shuffled, InventoryFixture.container("d", "s"));
  }

  private static Container container() {
    return Container.newBuilder()
        .setId("c")
        .setPodSandboxId("s")
        .setImage(IMAGE)
        .putAllLabels(MANY)
        .putAllAnnotations(MANY)
        .build();
  }

  private ByteString images() throws Exception {
    ByteString spec = nested(Image.SPEC_FIELD_NUMBER, shuffled(IMAGE.toByteString()));
    return list(
        ListImagesResponse.newBuilder(),
        InventoryFixture.image("i").toByteString().concat(spec),
        InventoryFixture.image("j"));
  }

  /** Field 1 of every list are its items. */
  private static ByteString list(MessageLite.Builder empty, ByteString first, MessageLite second) {
    return empty
        .build()
        .toByteString()
        .concat(nested(1, first))
        .concat(nested(1, second.toByteString()));
  }

  private static ByteString nested(int field, ByteString message) {
    return new WireWriter().message(field, message).toByteString();
  }

  private ByteString shuffled(ByteString message) throws Exception {
    List<ByteString> fields = new ArrayList<>(MessageSplitter.split(message, 1));
    Collections.shuffle(fields, random);
    return ByteString.copyFrom(fields);
  }

  private void listAll() throws Exception {
    InventoryFixture.answer(fixture.askAll(Kind.POD_SANDBOX), sandboxes());
    InventoryFixture.answer(fixture.askAll(Kind.CONTAINER), containers(container()));
    InventoryFixture.answer(fixture.askAll(Kind.IMAGE), images());
  }

  @Test
  void listsInAnotherOrderOfMapEntriesCauseNoSave() throws Exception {
    listAll();
    assertThat(fixture.save()).isTrue();

    for (int i = 0; i < 600; i++) {
      listAll();
    }

    assertThat(fixture.save()).isFalse();
    assertThat(fixture.store.saved).hasSize(1);
    assertThat(fixture.clock.tasks()).isEmpty();
  }

  @Test
  void anotherAnnotationOfTheImageIsAChange() throws Exception {
    listAll();
    fixture.save();
    ImageSpec other = IMAGE.toBuilder().putAnnotations("a", "9").build();

    Container changed = container().toBuilder().setImage(other).build();
    fixture.list(
        Kind.CONTAINER, InventoryFixture.containers(changed, InventoryFixture.container("d", "s")));

    assertThat(fixture.save()).isTrue();
    assertThat(fixture.item(Kind.CONTAINER, "c")).isEqualTo(changed);
  }

  @Test
  void oneThingLessIsAChange() throws Exception {
    listAll();
    fixture.save();

    fixture.list(Kind.CONTAINER, InventoryFixture.containers(container()));

    assertThat(fixture.save()).isTrue();
  }

  @Test
  void nothingIsSavedAgainAfterARestart() throws Exception {
    listAll();
    fixture.save();
    SavedState state = InventoryFixture.openState(fixture.store, fixture.clock);
    Inventories next = new Inventories(state, fixture.clock, true);
    Inventory inventory = next.open(InventoryFixture.origin("alt"), false);

    InventoryFixture.answer(
        inventory.observe(Schema.cri().require("ListContainers"), ByteString.EMPTY),
        containers(container()));

    assertThat(fixture.save()).isFalse();
  }

  @Test
  void statusesAndEventsThatSayNothingNewCauseNoSave() throws Exception {
    ByteString event =
        ContainerEventResponse.newBuilder()
            .setContainerId("c")
            .setPodSandboxStatus(PodSandboxStatus.newBuilder().setId("s"))
            .addContainersStatuses(ContainerStatus.newBuilder().setId("c"))
            .build()
            .toByteString();
    listAll();
    fixture.inventory.observeEvent(event);
    fixture.save();

    fixture.inventory.observeEvent(event);
    InventoryFixture.succeed(fixture.ask("RemoveContainer", "nothing"));
    InventoryFixture.succeed(fixture.ask("StopPodSandbox", "nothing"));

    assertThat(fixture.save()).isFalse();
  }
}
