package io.crirouter.core.internal.inventory;

import static org.assertj.core.api.Assertions.assertThat;

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
  void oneThatIsOnlyLeftOutOfTheConfigurationIsListed() throws Exception {
    fixture.list(Kind.POD_SANDBOX, InventoryFixture.sandboxes("s"));

    List<Inventory> unconfigured = restart().openUnconfigured();

    assertThat(unconfigured).extracting(Inventory::name).containsExactly(fixture.inventory.name());
  }

  private Inventories restart() {
    fixture.state.close();
    return new Inventories(new SavedState(fixture.store, fixture.clock), fixture.clock, true);
  }
}
