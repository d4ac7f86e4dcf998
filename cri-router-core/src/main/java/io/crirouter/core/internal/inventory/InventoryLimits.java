package io.crirouter.core.internal.inventory;

import com.google.common.collect.Maps;
import io.crirouter.core.internal.call.SharedLimit;
import java.util.List;
import java.util.Map;

/**
 * How much is kept of runtimes.
 *
 * @param ofKinds limits the objects of each kind
 * @param statuses limits {@link LastStatuses} in bytes
 */
record InventoryLimits(Map<Kind, OfKind> ofKinds, SharedLimit statuses) {
  /**
   * How much is kept of one kind of object.
   *
   * @param bytes limits the entries in bytes
   * @param count limits the number of objects
   */
  record OfKind(SharedLimit bytes, SharedLimit count) {}

  /** The limits of one primary. No status is kept: its failures are never made up for. */
  static InventoryLimits ofPrimary() {
    return new InventoryLimits(
        ofEachKind(
            Limits.MAX_BYTES_OF_PRIMARY,
            Limits.MAX_BYTES_OF_PRIMARY,
            Limits.MAX_ITEMS,
            Limits.MAX_ITEMS),
        new SharedLimit(0, 0));
  }

  /** The limits that all secondaries share. */
  static InventoryLimits ofSecondaries() {
    return new InventoryLimits(
        ofEachKind(
            Limits.MAX_BYTES_OF_SECONDARY,
            Limits.MAX_BYTES_OF_SECONDARIES,
            Limits.MAX_ITEMS,
            Limits.MAX_ITEMS_OF_SECONDARIES),
        new SharedLimit(Limits.MAX_BYTES_OF_STATUSES, Limits.MAX_BYTES_OF_ALL_STATUSES));
  }

  private static Map<Kind, OfKind> ofEachKind(
      long bytesForOne, long bytesForAll, long countForOne, long countForAll) {
    return Maps.toMap(
        List.of(Kind.values()),
        kind ->
            new OfKind(
                new SharedLimit(bytesForOne, bytesForAll),
                new SharedLimit(countForOne, countForAll)));
  }
}
