package io.crirouter.core.internal.inventory;

import static io.crirouter.core.internal.inventory.InventoryFixture.container;
import static io.crirouter.core.internal.inventory.InventoryFixture.sandboxes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is remembered is bounded, whatever a runtime says; the bounds are the real ones. */
class InventoryBoundsTest {
  private static final int MEBIBYTE = 1 << 20;
  private static final int MAX_MEBIBYTES = (int) (Limits.MAX_BYTES_OF_SECONDARY / MEBIBYTE);

  private final InventoryFixture fixture = new InventoryFixture();

  private static ListContainersResponse containers(int from, int to) {
    List<Container> containers =
        IntStream.range(from, to).mapToObj(i -> container("c" + i, "s")).toList();
    return ListContainersResponse.newBuilder().addAllContainers(containers).build();
  }

  /** Entries a little shorter than a mebibyte. */
  private static ListContainersResponse large(int count, String id) {
    String text = "x".repeat(MEBIBYTE - 100);
    ListContainersResponse.Builder list = ListContainersResponse.newBuilder();
    for (int i = 0; i < count; i++) {
      list.addContainers(container(id + i, "s").toBuilder().putAnnotations("a", text));
    }
    return list.build();
  }

  private int bytesKept() throws Exception {
    ByteString answer = fixture.inventory.answer(Kind.CONTAINER, ByteString.EMPTY);
    return answer == null ? 0 : answer.size();
  }

  @Test
  void moreThingsThanAnyNodeHasAreNotRemembered() throws Exception {
    fixture.list(Kind.CONTAINER, containers(0, Limits.MAX_ITEMS));
    assertThat(fixture.inventory.isComplete(Kind.CONTAINER)).isTrue();

    fixture.list(Kind.CONTAINER, containers(0, Limits.MAX_ITEMS + 1));

    assertThat(fixture.ids(Kind.CONTAINER).size()).isEqualTo(10_000);
    assertThat(fixture.inventory.count(Kind.CONTAINER)).isEqualTo(10_000);
    assertThat(fixture.inventory.overflows()).isOne();
    assertThat(fixture.inventory.isWhole(Kind.CONTAINER)).isFalse();
    assertThat(fixture.inventory.isComplete(Kind.CONTAINER)).isFalse();
  }

  @Test
  void whatFitsAgainIsRememberedAgain() throws Exception {
    fixture.list(Kind.CONTAINER, containers(0, Limits.MAX_ITEMS + 1));

    fixture.list(Kind.CONTAINER, containers(1, Limits.MAX_ITEMS + 1));

    assertThat(fixture.ids(Kind.CONTAINER).size()).isEqualTo(Limits.MAX_ITEMS);
    assertThat(fixture.inventory.has(Kind.CONTAINER, "c10000")).isTrue();
    assertThat(fixture.inventory.isComplete(Kind.CONTAINER)).isTrue();
  }

  @Test
  void aListOfNothingButOtherThingsTakesThePlaceOfOneThatFilledTheInventory() throws Exception {
    fixture.list(Kind.CONTAINER, containers(0, Limits.MAX_ITEMS));

    fixture.list(Kind.CONTAINER, containers(Limits.MAX_ITEMS, 2 * Limits.MAX_ITEMS));

    assertThat(fixture.ids(Kind.CONTAINER).size()).isEqualTo(Limits.MAX_ITEMS);
    assertThat(fixture.inventory.has(Kind.CONTAINER, "c10000")).isTrue();
    assertThat(fixture.inventory.isComplete(Kind.CONTAINER)).isTrue();
  }

  @Test
  void longEntriesOfThePrimaryAreRememberedUpToThirtyTwoMebibytes() throws Exception {
    InventoryFixture primary = InventoryFixture.ofPrimary();

    primary.list(Kind.CONTAINER, large(34, "c"));

    assertThat(primary.ids(Kind.CONTAINER).size()).isEqualTo(32);
    assertThat(primary.inventory.isComplete(Kind.CONTAINER)).isFalse();
  }

  @Test
  void aListThatDoesNotFitDoesNotFitWhenItIsRepeatedEither() throws Exception {
    InventoryFixture primary = InventoryFixture.ofPrimary();
    primary.list(Kind.CONTAINER, containers(0, 34));

    primary.list(Kind.CONTAINER, large(34, "c"));
    primary.list(Kind.CONTAINER, large(34, "c"));

    assertThat(primary.ids(Kind.CONTAINER).size()).isEqualTo(34);
    assertThat(primary.inventory.overflows()).isEqualTo(4);
    assertThat(primary.inventory.isComplete(Kind.CONTAINER)).isFalse();
  }

  @Test
  void aListOfASecondaryOfMoreThanEightMebibytesIsNotRemembered() throws Exception {
    fixture.list(Kind.CONTAINER, large(7, "c"));
    fixture.list(Kind.CONTAINER, large(9, "d"));

    assertThat(MAX_MEBIBYTES).isEqualTo(8);
    assertThat(fixture.ids(Kind.CONTAINER)).hasSize(7).allMatch(id -> id.startsWith("c"));
  }

  /** What is kept of several secondaries that list as much as one alone may have. */
  private List<Inventory> fullInventories() throws Exception {
    List<Inventory> full = new ArrayList<>();
    for (String name : List.of("a", "b", "c", "d", "e")) {
      Inventory greedy = fixture.open(name);
      full.add(greedy);
      for (int entries = 1; entries < MAX_MEBIBYTES; entries++) {
        list(greedy, large(entries, name));
      }
    }
    return full;
  }

  private static void list(Inventory inventory, ListContainersResponse containers)
      throws Exception {
    InventoryFixture.answer(
        inventory.observe(Schema.cri().require("ListContainers"), ByteString.EMPTY),
        containers.toByteString());
  }

  @Test
  void howeverManySecondariesListAsMuchAsTheyCanTheyLeaveRoomForOthers() throws Exception {
    long bytes = 0;
    for (Inventory greedy : fullInventories()) {
      ByteString kept = greedy.answer(Kind.CONTAINER, ByteString.EMPTY);
      bytes += kept == null ? 0 : kept.size();
    }
    fixture.list(Kind.CONTAINER, containers(0, 2000));

    assertThat(bytes).isBetween(8L * MEBIBYTE, 12L * MEBIBYTE);
    assertThat(fixture.inventory.isComplete(Kind.CONTAINER)).isTrue();
  }

  @Test
  void whatARuntimeHasListedMayChangeThoughThereIsNoRoomForMore() throws Exception {
    list(fixture.inventory, large(4, "c"));
    fullInventories();

    list(fixture.inventory, large(4, "d"));
    InventoryFixture.succeed(fixture.ask("StopContainer", "d0"));

    assertThat(fixture.ids(Kind.CONTAINER)).containsExactly("d0", "d1", "d2", "d3");
    assertThat(((Container) fixture.item(Kind.CONTAINER, "d0")).getState())
        .isEqualTo(ContainerState.CONTAINER_EXITED);
  }

  @Test
  void aRuntimeThatIsRemovedGivesBackWhatItHad() throws Exception {
    fullInventories().forEach(fixture.inventories::remove);

    list(fixture.inventory, large(7, "c"));

    assertThat(fixture.ids(Kind.CONTAINER)).hasSize(7);
  }

  @Test
  void entriesThatGrowOneByOneAreBoundedToo() throws Exception {
    fixture.list(Kind.CONTAINER, containers(0, 3 * MAX_MEBIBYTES));
    String text = "x".repeat(MEBIBYTE);
    for (int i = 0; i < 2 * MAX_MEBIBYTES; i++) {
      Container grown = container("c" + i, "s").toBuilder().putAnnotations("a", text).build();
      ListContainersRequest one =
          ListContainersRequest.newBuilder()
              .setFilter(ContainerFilter.newBuilder().setId("c" + i))
              .build();
      InventoryFixture.answer(
          fixture.ask("ListContainers", one), InventoryFixture.containers(grown));
    }

    assertThat(bytesKept()).isLessThan((MAX_MEBIBYTES + 1) * MEBIBYTE);
    assertThat(fixture.inventory.isComplete(Kind.CONTAINER)).as("not all is known").isFalse();

    fixture.list(Kind.CONTAINER, containers(0, 3 * MAX_MEBIBYTES));
    assertThat(fixture.ids(Kind.CONTAINER).size()).isEqualTo(3 * MAX_MEBIBYTES);
    assertThat(fixture.inventory.isComplete(Kind.CONTAINER)).isTrue();
  }

  @Test
  void aFloodOfEventsDoesNotMakeListsLong() throws Exception {
    fixture.list(Kind.POD_SANDBOX, sandboxes());
    flood("large", "x".repeat(4 << 10));

    ByteString list = fixture.inventory.answer(Kind.POD_SANDBOX, ByteString.EMPTY);
    assertThat(list).isNotNull();
    assertThat(list.size()).isBetween(200 << 10, 256 << 10);
  }

  @Test
  void eventsAddSoManyPodsBetweenTwoLists() throws Exception {
    fixture.list(Kind.POD_SANDBOX, sandboxes());
    flood("first", "");
    assertThat(fixture.ids(Kind.POD_SANDBOX)).hasSize(256);

    fixture.list(Kind.POD_SANDBOX, sandboxes("listed"));
    flood("second", "");

    assertThat(fixture.ids(Kind.POD_SANDBOX)).hasSize(257).contains("listed", "second0");

    fixture.list(Kind.POD_SANDBOX, sandboxes("listed"));
    fixture.list(Kind.POD_SANDBOX, sandboxes("listed"));
    flood("third", "");

    assertThat(fixture.ids(Kind.POD_SANDBOX)).as("after a repetition").hasSize(257);
  }

  private void flood(String name, String text) throws Exception {
    for (int i = 0; i < 1000; i++) {
      fixture.inventory.observeEvent(
          ContainerEventResponse.newBuilder()
              .setContainerId(name + i)
              .setContainerEventType(ContainerEventType.CONTAINER_STARTED_EVENT)
              .setPodSandboxStatus(
                  PodSandboxStatus.newBuilder().setId(name + i).putAnnotations("a", text))
              .build()
              .toByteString());
    }
  }

  @Test
  void ofIdsThatWereRemovedOnlyTheLastAreRemembered() throws Exception {
    int count = Limits.MAX_REMOVED + 10;
    fixture.list(Kind.CONTAINER, containers(0, 10));
    fixture.list(Kind.CONTAINER, containers(10, count));
    fixture.list(Kind.CONTAINER, containers(0, 0));

    long remembered =
        IntStream.range(0, count)
            .filter(i -> fixture.inventory.had(Kind.CONTAINER, "c" + i))
            .count();
    assertThat(remembered).isEqualTo(10_000);
    assertThat(fixture.inventory.had(Kind.CONTAINER, "c" + (count - 1))).isTrue();
  }

  @Test
  void anIdThatWasRemovedIsForgottenAfterAWhile() throws Exception {
    fixture.list(Kind.POD_SANDBOX, sandboxes("s"));
    fixture.list(Kind.POD_SANDBOX, sandboxes());
    fixture.clock.advance(Limits.REMOVED_LIFETIME.minusNanos(1));
    assertThat(fixture.inventory.had(Kind.POD_SANDBOX, "s")).isTrue();

    fixture.clock.advance(Limits.REMOVED_LIFETIME);

    assertThat(fixture.inventory.had(Kind.POD_SANDBOX, "s")).isFalse();
  }

  @Test
  void ofCreationsWithoutADefiniteAnswerTheOldestAreForgotten() {
    for (int i = 0; i <= Limits.MAX_UNCERTAIN; i++) {
      fixture.inventory.creationUncertain("uid" + i, "");
    }

    assertThat(fixture.inventory.uncertainCreations()).isEqualTo(4096);
    assertThat(fixture.inventories.ofPod("uid0")).isNull();
    assertThat(fixture.inventories.ofPod("uid1")).isSameAs(fixture.inventory);
  }

  @Test
  void onlyTheLastRuntimesThatWereRemovedAreRemembered() throws Exception {
    for (int i = 0; i <= Limits.MAX_FORMER; i++) {
      Inventory former = fixture.open("former" + i);
      InventoryFixture.answer(
          former.observe(Schema.cri().require("RunPodSandbox"), ByteString.EMPTY),
          RunPodSandboxResponse.newBuilder().setPodSandboxId("s" + i).build());
      fixture.inventories.remove(former);
    }

    assertThat(Limits.MAX_FORMER).isEqualTo(64);
    assertThat(fixture.inventories.resolve(Kind.POD_SANDBOX, "s0").owners()).isEmpty();
    assertThat(fixture.inventories.resolve(Kind.POD_SANDBOX, "s01").owners()).isEmpty();
    for (int i = 1; i <= Limits.MAX_FORMER; i++) {
      assertThat(fixture.inventories.resolve(Kind.POD_SANDBOX, "s" + i).owners()).hasSize(1);
    }
  }

  @Test
  void idsAndUidsThatAreTooLongAreNotRemembered() throws Exception {
    String longest = "i".repeat(1024);
    fixture.list(Kind.POD_SANDBOX, sandboxes(longest, longest + "i"));
    assertThat(fixture.ids(Kind.POD_SANDBOX)).containsExactly(longest);

    fixture.list(
        Kind.CONTAINER,
        InventoryFixture.containers(container("c", longest + "i"), container("d", "s")));
    assertThat(fixture.inventory.contents.containers.ofGroup(longest + "i")).isEmpty();
    assertThat(fixture.inventory.contents.containers.ofGroup("")).containsExactly("c");

    fixture.inventory.creationUncertain("u".repeat(256), "");
    fixture.inventory.creationUncertain("u".repeat(257), "");
    fixture.inventory.creationUncertain("", "");
    assertThat(fixture.inventory.uncertainCreations()).isOne();
  }
}
