package io.crirouter.core.internal.inventory;

import java.time.Duration;

/** How much is kept of runtimes: whatever they send must not fill the memory. */
public final class Limits {
  /** Objects of one kind of one runtime. Far more than any node has. */
  static final int MAX_ITEMS = 10_000;

  /** The same of all secondaries. */
  static final int MAX_ITEMS_OF_SECONDARIES = 15_000;

  /** The entries of one kind of the primary, in bytes. Twice the longest list a kubelet takes. */
  static final long MAX_BYTES_OF_PRIMARY = 32L << 20;

  /** The same of a secondary, if no other has any. */
  static final long MAX_BYTES_OF_SECONDARY = 8L << 20;

  /** The same of all secondaries. They leave room for the primary's in a list for a kubelet. */
  public static final long MAX_BYTES_OF_SECONDARIES = 12L << 20;

  /**
   * Objects of one kind that events add between two complete lists, which come once a second. A
   * flood of events must not make merged lists long, since every list then takes longer.
   */
  static final int MAX_ITEMS_BY_EVENTS = 256;

  /** The same in bytes. */
  static final long MAX_BYTES_BY_EVENTS = 256L << 10;

  /** The last statuses of the containers of a secondary, if no other has any. */
  static final long MAX_BYTES_OF_STATUSES = 2L << 20;

  /** The same of all secondaries. */
  static final long MAX_BYTES_OF_ALL_STATUSES = 3L << 20;

  /** Ids of one kind that were removed recently. */
  static final int MAX_REMOVED = 10_000;

  /** How long a removed id is kept: a kubelet still uses it for a moment. */
  static final Duration REMOVED_LIFETIME = Duration.ofMinutes(5);

  /** Creations of pod sandboxes that ended without a definite answer. */
  static final int MAX_UNCERTAIN = 4096;

  /** Runtimes that were removed from the router, and as many that are no longer configured. */
  static final int MAX_FORMER = 64;

  private static final int MAX_ID_LENGTH = 1024;
  private static final int MAX_UID_LENGTH = 256;

  private Limits() {}

  /** Whether {@code id} can be kept. */
  public static boolean isId(String id) {
    return !id.isEmpty() && id.length() <= MAX_ID_LENGTH;
  }

  /** Whether {@code uid}, or a time stamp, can be kept; an empty one can. */
  static boolean isUid(String uid) {
    return uid.length() <= MAX_UID_LENGTH;
  }
}
