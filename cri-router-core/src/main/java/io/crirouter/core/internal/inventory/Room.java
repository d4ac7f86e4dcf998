package io.crirouter.core.internal.inventory;

import io.crirouter.core.internal.call.SharedLimit;

/** The room that the objects of one kind of one runtime take. Not thread-safe. */
final class Room {
  private final SharedLimit.Share bytes;
  private final SharedLimit.Share count;

  /** What events have taken since the last complete list. */
  private int countByEvents;

  private long bytesByEvents;

  Room(InventoryLimits.OfKind limits) {
    this.bytes = limits.bytes().share();
    this.count = limits.count().share();
  }

  /** Takes room for one more object; false if there is none. */
  boolean take(int size) {
    if (!count.take(1)) {
      return false;
    }
    boolean fits = bytes.take(size);
    if (!fits) {
      count.free(1);
    }
    return fits;
  }

  /** Gives back the room of one object. */
  void free(int size) {
    bytes.free(size);
    count.free(1);
  }

  /** An object gets longer, or shorter if {@code more} is negative; false if there is no room. */
  boolean resize(int more) {
    if (more > 0) {
      return bytes.take(more);
    }
    bytes.free(-more);
    return true;
  }

  /** The same, whether there is room or not. */
  void forceResize(int more) {
    bytes.force(more);
  }

  /** Whether there is room for a complete list with so many bytes. */
  boolean mayHold(long listBytes) {
    return bytes.mayHold(listBytes);
  }

  /** A complete list takes the place of what is known, and of the room that it has. */
  void beginReplacement() {
    bytes.beginReplacement();
    count.beginReplacement();
  }

  /** It has taken the place. */
  void endReplacement() {
    bytes.endReplacement();
    count.endReplacement();
  }

  /** Counts an object that an event adds; false if events have added too much. */
  boolean takeByEvent(int size) {
    boolean fits =
        countByEvents < Limits.MAX_ITEMS_BY_EVENTS
            && bytesByEvents + size <= Limits.MAX_BYTES_BY_EVENTS;
    if (fits) {
      countByEvents++;
      bytesByEvents += size;
    }
    return fits;
  }

  /** A complete list has come: events may add as much again. */
  void endEvents() {
    countByEvents = 0;
    bytesByEvents = 0;
  }

  /** Gives back all. Nothing can be taken any more. */
  void close() {
    bytes.close();
    count.close();
  }
}
