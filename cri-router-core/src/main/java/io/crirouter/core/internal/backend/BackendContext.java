package io.crirouter.core.internal.backend;

import io.crirouter.core.BackendOptions;
import io.crirouter.core.Scheduler;
import io.crirouter.core.Timeouts;
import io.crirouter.core.internal.call.ResponseSize;
import io.crirouter.core.internal.call.SharedLimit;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.inventory.Inventory;
import io.crirouter.core.internal.inventory.Origin;
import java.time.Instant;

/**
 * What all backends of one router share. Makes them.
 *
 * @param inventories their last known states
 * @param room {@link ResponseSize#underWay} of the secondaries
 * @param timeouts how long they are waited for
 * @param scheduler the clock and the timers
 */
public record BackendContext(
    Inventories inventories, SharedLimit room, Timeouts timeouts, Scheduler scheduler) {
  /** Of the backends of a new router. */
  public BackendContext(Inventories inventories, Timeouts timeouts, Scheduler scheduler) {
    this(inventories, ResponseSize.underWay(), timeouts, scheduler);
  }

  /** A backend that was not called yet. Its saved inventory is restored. */
  Backend configured(BackendConfig config) {
    Origin origin = new Origin(config.idOwner(), config.runtime().address());
    Inventory inventory = inventories.open(origin, config.isPrimary());
    boolean isRestored = !config.isPrimary() && inventory.wasRestored();
    Instant now = scheduler.now();
    Condition condition = isRestored ? Condition.restored(now) : Condition.neverSeen(now);
    return new Backend(config, inventory, condition, this);
  }

  /**
   * A runtime that had pods before the restart of the router and is no longer configured. Its last
   * known state stays listed, and calls by its ids are refused.
   */
  Backend unconfigured(Inventory inventory) {
    Origin origin = inventory.origin();
    BackendConfig config =
        new BackendConfig(
            inventory.name(),
            false,
            new UnconfiguredRuntime(origin.address()),
            BackendOptions.DEFAULT.withIdPrefix(origin.idOwner().prefix()));
    Condition condition = Condition.notConfigured(scheduler.now());
    Backend backend = new Backend(config, inventory, condition, this);
    backend.watch().close();
    backend.watch().firstContact().complete(null);
    return backend;
  }
}
