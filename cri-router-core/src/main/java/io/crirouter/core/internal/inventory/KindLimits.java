package io.crirouter.core.internal.inventory;

import io.crirouter.core.internal.call.SharedLimit;

/**
 * How much is kept of one kind of object.
 *
 * @param bytes limits the entries in bytes
 * @param count limits the number of objects
 */
record KindLimits(SharedLimit bytes, SharedLimit count) {
  /** The limits of one primary. */
  static KindLimits ofPrimary() {
    return new KindLimits(
        new SharedLimit(Limits.MAX_BYTES_OF_PRIMARY, Limits.MAX_BYTES_OF_PRIMARY),
        new SharedLimit(Limits.MAX_ITEMS, Limits.MAX_ITEMS));
  }

  /** The limits that all secondaries share. */
  static KindLimits ofSecondaries() {
    return new KindLimits(
        new SharedLimit(Limits.MAX_BYTES_OF_SECONDARY, Limits.MAX_BYTES_OF_SECONDARIES),
        new SharedLimit(Limits.MAX_ITEMS, Limits.MAX_ITEMS_OF_SECONDARIES));
  }
}
