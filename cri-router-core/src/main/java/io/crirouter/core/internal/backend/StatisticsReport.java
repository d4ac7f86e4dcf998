package io.crirouter.core.internal.backend;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendStatistics;
import io.crirouter.core.internal.inventory.Inventory;
import io.crirouter.core.internal.inventory.Kind;

/** What was counted of a backend, as embedders see it. */
public record StatisticsReport(
    BackendName name,
    int podSandboxes,
    int containers,
    int images,
    long objectsNotRemembered,
    long events,
    long eventsCoalesced,
    long eventsDropped)
    implements BackendStatistics {

  /** What was counted until now. */
  public static StatisticsReport of(Backend backend) {
    Inventory inventory = backend.inventory();
    EventCounts events = backend.eventCounts();
    return new StatisticsReport(
        backend.name(),
        inventory.count(Kind.POD_SANDBOX),
        inventory.count(Kind.CONTAINER),
        inventory.count(Kind.IMAGE),
        inventory.overflows(),
        events.received().sum(),
        events.coalesced().sum(),
        events.dropped().sum());
  }
}
