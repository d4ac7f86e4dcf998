package io.crirouter.core.internal.inventory;

import static io.crirouter.core.internal.inventory.InventoryFixture.answer;
import static io.crirouter.core.internal.inventory.InventoryFixture.container;
import static io.crirouter.core.internal.inventory.InventoryFixture.containers;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusResponse;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where the status of a container comes from that is told while its runtime is lost. */
class LastStatusesTest {
  private static final ContainerStatus ENDED =
      ContainerStatus.newBuilder()
          .setId("c")
          .setState(ContainerState.CONTAINER_EXITED)
          .setExitCode(3)
          .build();

  private static final int HALF_A_MEBIBYTE = 1 << 19;

  /** How many containers each inventory has. */
  private static final int MOST = 100;

  private final InventoryFixture fixture = new InventoryFixture();

  @BeforeEach
  void list() throws Exception {
    fixture.list(Kind.CONTAINER, containers(container("c", "s")));
  }

  private static ContainerStatusResponse response(ContainerStatus status) {
    return ContainerStatusResponse.newBuilder().setStatus(status).build();
  }

  private @Nullable ContainerStatus last() throws Exception {
    ByteString response = fixture.inventory.lastStatus("c");
    return response == null ? null : ContainerStatusResponse.parseFrom(response).getStatus();
  }

  @Test
  void fromAnAnswer() throws Exception {
    answer(fixture.ask("ContainerStatus", "c"), response(ENDED));

    assertThat(last()).isEqualTo(ENDED);
  }

  /** A kubelet that follows events does not ask. */
  @Test
  void fromAnEvent() throws Exception {
    fixture.inventory.observeEvent(
        ContainerEventResponse.newBuilder()
            .setContainerId("c")
            .setContainerEventType(ContainerEventType.CONTAINER_STOPPED_EVENT)
            .setPodSandboxStatus(PodSandboxStatus.newBuilder().setId("s"))
            .addContainersStatuses(ENDED)
            .build()
            .toByteString());

    assertThat(last()).isEqualTo(ENDED);
  }

  @Test
  void fromTheStatusOfItsPod() throws Exception {
    answer(
        fixture.ask("PodSandboxStatus", "s"),
        PodSandboxStatusResponse.newBuilder()
            .setStatus(PodSandboxStatus.newBuilder().setId("s"))
            .addContainersStatuses(ENDED)
            .build());

    assertThat(last()).isEqualTo(ENDED);
  }

  @Test
  void anAnswerThatIsRepeatedStillTellsTheState() throws Exception {
    answer(fixture.ask("ContainerStatus", "c"), response(ENDED));
    list();
    assertThat(last()).as("of another state than the list").isNull();

    answer(fixture.ask("ContainerStatus", "c"), response(ENDED));

    assertThat(last()).isEqualTo(ENDED);
  }

  @Test
  void anAnswerThatIsRepeatedIsNewerThanThatToAnEarlierRequest() throws Exception {
    answer(fixture.ask("ContainerStatus", "c"), response(ENDED));
    ResponseObserver earlier = fixture.ask("ContainerStatus", "c");
    answer(fixture.ask("ContainerStatus", "c"), response(ENDED));

    answer(earlier, response(ENDED.toBuilder().setExitCode(4).build()));

    assertThat(last()).isEqualTo(ENDED);
  }

  @Test
  void fromTheLatestRequestWhicheverIsAnsweredLast() throws Exception {
    ResponseObserver earlier = fixture.ask("ContainerStatus", "c");
    ResponseObserver later = fixture.ask("ContainerStatus", "c");
    answer(later, response(ENDED));
    answer(earlier, response(ENDED.toBuilder().clearExitCode().build()));

    assertThat(last()).isEqualTo(ENDED);
  }

  @Test
  void notFromAnUnknownContainersAnswer() throws Exception {
    answer(fixture.ask("ContainerStatus", "d"), response(ENDED.toBuilder().setId("d").build()));
    fixture.list(Kind.CONTAINER, containers(container("c", "s"), container("d", "s")));

    assertThat(fixture.inventory.lastStatus("d")).isNull();
  }

  /** Its failures are never made up for. */
  @Test
  void noneIsKeptOfThePrimary() throws Exception {
    InventoryFixture primary = InventoryFixture.ofPrimary();
    primary.list(Kind.CONTAINER, containers(container("c", "s")));
    answer(primary.ask("ContainerStatus", "c"), response(ENDED));

    assertThat(primary.inventory.lastStatus("c")).isNull();
  }

  @Test
  void aRepetitionIsNoChangeToSave() throws Exception {
    answer(fixture.ask("ContainerStatus", "c"), response(ENDED));
    assertThat(fixture.save()).isTrue();

    answer(fixture.ask("ContainerStatus", "c"), response(ENDED));
    answer(
        fixture.ask("ContainerStatus", "c"),
        response(ENDED.toBuilder().setMessage("in other words").build()));

    assertThat(fixture.save()).isFalse();
  }

  @Test
  void thoseThatWereToldLeastRecentlyGiveWayAboveTwoMebibytes() throws Exception {
    tell(fixture.inventory, 8, HALF_A_MEBIBYTE);

    assertThat(known(fixture.inventory)).containsExactly(4, 5, 6, 7);

    tell(fixture.inventory, 1, 6 * HALF_A_MEBIBYTE);

    assertThat(known(fixture.inventory)).as("one longer than all").containsExactly(4, 5, 6, 7);
  }

  @Test
  void howeverManySecondariesTellAsMuchAsTheyCanTheyLeaveRoomForOthers() throws Exception {
    int ofGreedy = 0;
    for (int i = 0; i < 8; i++) {
      Inventory greedy = fixture.open("greedy" + i);
      tell(greedy, 100, HALF_A_MEBIBYTE / 16);
      ofGreedy += known(greedy).size();
    }
    tell(fixture.inventory, 20, 1024);

    assertThat(ofGreedy).as("32 KiB each").isBetween(64, 99);
    assertThat(known(fixture.inventory)).hasSize(20);
  }

  @Test
  void aRuntimeThatIsRemovedGivesBackWhatItHad() throws Exception {
    Inventory removed = fixture.open("removed");
    tell(removed, 8, HALF_A_MEBIBYTE);
    fixture.inventories.remove(removed);

    tell(fixture.inventory, 8, HALF_A_MEBIBYTE);

    assertThat(known(fixture.inventory)).hasSize(4);
  }

  private static String id(Inventory inventory, int number) {
    return inventory.name() + "-" + number;
  }

  private static void tell(Inventory inventory, int count, int length) throws Exception {
    Container[] all = new Container[MOST];
    Arrays.setAll(all, i -> container(id(inventory, i), "s"));
    answer(observe(inventory, "ListContainers"), containers(all));
    for (int i = 0; i < count; i++) {
      ContainerStatus.Builder status =
          ContainerStatus.newBuilder()
              .setId(id(inventory, i))
              .setMessage("x".repeat(length - 1024));
      answer(observe(inventory, "ContainerStatus"), response(status.build()));
    }
  }

  private static ResponseObserver observe(Inventory inventory, String rpc) {
    return inventory.observe(Schema.cri().require(rpc), ByteString.EMPTY);
  }

  private static List<Integer> known(Inventory inventory) {
    return IntStream.range(0, MOST)
        .filter(i -> inventory.lastStatus(id(inventory, i)) != null)
        .boxed()
        .toList();
  }
}
