package io.crirouter.core.internal.backend;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendStatistics;
import io.crirouter.core.internal.inventory.Inventory;
import io.crirouter.core.internal.inventory.Kind;

/** Statistics as a value. */
record StatisticsReport(
    BackendName name,
    int podSandboxes,
    int containers,
    int images,
    long objectsNotRemembered,
    long events,
    long eventsCoalesced,
    long eventsDropped)
    implements BackendStatistics {

  static StatisticsReport of(Inventory inventory, EventCounts events) {
    return new StatisticsReport(
        inventory.name(),
        inventory.count(Kind.POD_SANDBOX),
        inventory.count(Kind.CONTAINER),
        inventory.count(Kind.IMAGE),
        inventory.overflows(),
        events.received(),
        events.coalesced(),
        events.dropped());
  }
}
