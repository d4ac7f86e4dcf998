package io.crirouter.core.internal.inventory;

import com.google.common.collect.Maps;
import io.crirouter.core.internal.call.SharedLimit;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * How much is kept of runtimes.
 *
 * @param ofKinds limits the objects of each kind
 * @param statuses limits {@link LastStatuses} in bytes
 */
record InventoryLimits(Map<Kind, KindLimits> ofKinds, SharedLimit statuses) {
  /** The limits of one primary. No status is kept: its failures are never made up for. */
  static InventoryLimits ofPrimary() {
    return new InventoryLimits(eachKind(KindLimits::ofPrimary), new SharedLimit(0, 0));
  }

  /** The limits that all secondaries share. */
  static InventoryLimits ofSecondaries() {
    return new InventoryLimits(
        eachKind(KindLimits::ofSecondaries),
        new SharedLimit(Limits.MAX_BYTES_OF_STATUSES, Limits.MAX_BYTES_OF_ALL_STATUSES));
  }

  private static Map<Kind, KindLimits> eachKind(Supplier<KindLimits> limits) {
    return Maps.toMap(List.of(Kind.values()), kind -> limits.get());
  }
}
