package io.crirouter.core.internal.inventory;

/** How much of what a runtime has of one kind of object is known. Not thread-safe. */
final class Completeness {
  /** The sequence number of the request for the last complete list; 0 for none. */
  private long askedAt;

  private boolean isKnown;
  private boolean isListedSinceConnect;
  private long overflows;

  /** The sequence number of the last report that exceeded the limits. */
  private long overflowNumber = -1;

  /** A complete list was requested at {@code asked}. */
  void listed(long asked) {
    askedAt = Math.max(askedAt, asked);
    isKnown = true;
    isListedSinceConnect = true;
  }

  /** An object in the report {@code number} was not added or updated because of the limits. */
  void overflow(long number) {
    overflows++;
    overflowNumber = number;
  }

  /** Called when the runtime is lost: it may have more than it has listed. */
  void disconnected() {
    isListedSinceConnect = false;
  }

  /** What was known before a restart of the router. */
  void restore(boolean wasKnown) {
    isKnown = wasKnown;
  }

  /** Whether a complete list with a later request was applied already. */
  boolean isOutdated(long asked) {
    return asked < askedAt;
  }

  /** How often an object was not added or updated because of the limits. */
  long overflows() {
    return overflows;
  }

  /** Whether that happened in the last complete list or since. */
  boolean hasOverflowed() {
    return overflowNumber >= askedAt;
  }

  /** Whether the runtime has ever sent a complete list. */
  boolean isKnown() {
    return isKnown;
  }

  /** Whether this is all that the runtime had at some time, perhaps before a restart. */
  boolean isWhole() {
    return isKnown && !hasOverflowed();
  }

  /** Whether this is all that the runtime has: it has been listed since it was connected last. */
  boolean isComplete() {
    return isListedSinceConnect && !hasOverflowed();
  }
}
