package io.crirouter.core.internal.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runtimes that were removed from the router, over a restart. */
class RemovedRuntimeTest {
  private final InventoryFixture fixture = new InventoryFixture();

  @Test
  void itsPodsAreNotListedAgainButItsIdsAreKnown() throws Exception {
    fixture.list(Kind.POD_SANDBOX, InventoryFixture.sandboxes("s"));
    fixture.inventories.remove(fixture.inventory);

    Inventories next = restart();

    assertThat(next.openUnconfigured()).isEmpty();
    assertThat(next.ofPod("uid-s")).isNull();
    assertThat(next.resolve(Kind.POD_SANDBOX, "s"))
        .isInstanceOfSatisfying(
            Resolution.Owned.class,
            owned -> assertThat(owned.owner().name()).isEqualTo(fixture.inventory.name()));
  }

  @Test
  void oneThatIsConfiguredAgainAfterARestartListsNothingThatItHasNotListedItself()
      throws Exception {
    fixture.list(Kind.POD_SANDBOX, InventoryFixture.sandboxes("s"));
    fixture.inventories.remove(fixture.inventory);

    Inventory again = restart().open(fixture.inventory.origin(), false);

    assertThat(again.answer(Kind.POD_SANDBOX, ByteString.EMPTY))
        .as("nothing but the ids is left, and a pod without a name is a lie")
        .isNull();
  }

  @Test
  void oneThatIsOnlyLeftOutOfTheConfigurationIsListed() throws Exception {
    fixture.list(Kind.POD_SANDBOX, InventoryFixture.sandboxes("s"));

    List<Inventory> unconfigured = restart().openUnconfigured();

    assertThat(unconfigured).extracting(Inventory::name).containsExactly(fixture.inventory.name());
  }

  @Test
  void oneThatIsLeftOutKeepsAnImageThatAnotherHasTooAndWasNotRenamed() throws Exception {
    Inventory other = fixture.open("other");
    InventoryFixture.answer(
        other.observe(Schema.cri().require("ListImages"), ByteString.EMPTY),
        InventoryFixture.images("pause"));
    fixture.list(Kind.IMAGE, InventoryFixture.images("pause"));
    fixture.list(Kind.POD_SANDBOX, InventoryFixture.sandboxes("s"));

    Inventories next = restart();
    var unused = next.open(other.origin(), false);
    List<Inventory> unconfigured = next.openUnconfigured();

    assertThat(unconfigured).hasSize(1);
    assertThat(unconfigured.get(0).has(Kind.IMAGE, "pause")).isTrue();
    assertThat(next.idsAreOutdated()).isFalse();
  }

  @Test
  void ofManyThatAreLeftOutTheLastAreListed() throws Exception {
    for (int i = 0; i <= Limits.MAX_FORMER; i++) {
      Inventory former = fixture.open("former" + i);
      InventoryFixture.answer(
          former.observe(Schema.cri().require("RunPodSandbox"), ByteString.EMPTY),
          RunPodSandboxResponse.newBuilder().setPodSandboxId("s" + i).build());
    }

    Inventories next = restart();

    assertThat(next.openUnconfigured()).hasSize(64);
    assertThat(next.resolve(Kind.POD_SANDBOX, "s0").owners()).hasSize(1);
    assertThat(next.resolve(Kind.POD_SANDBOX, "s64").owners()).isEmpty();
  }

  private Inventories restart() {
    fixture.state.close();
    return new Inventories(
        InventoryFixture.openState(fixture.store, fixture.clock), fixture.clock, true);
  }
}
