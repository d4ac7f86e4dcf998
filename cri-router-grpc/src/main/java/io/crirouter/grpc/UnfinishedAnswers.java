package io.crirouter.grpc;

import io.crirouter.core.internal.call.SharedLimit;

/**
 * A limit on the bytes of answers that have come in but are not complete. The limit on a single
 * answer bounds no memory, since a runtime can leave any number of answers unfinished.
 *
 * <p>Several runtimes can share one, so that together they take little more than one of them can.
 * The more they hold, the less each may hold: there is always room for a short answer. Leave out
 * the primary, whose long lists must have room however much others hold. Thread-safe.
 */
public final class UnfinishedAnswers {
  /** Answers below this are not counted: the number of calls bounds them. */
  static final int SMALL_BYTES = 64 << 10;

  private static final long MAX_BYTES = 24 << 20;

  /** A little more than the longest answer that kubelets take. */
  private static final long MAX_BYTES_OF_ONE = (16 << 20) + SMALL_BYTES;

  private final SharedLimit limit;

  private UnfinishedAnswers(SharedLimit limit) {
    this.limit = limit;
  }

  /** A limit to be shared: one runtime alone may have 16 MiB, all together never have 24 MiB. */
  public static UnfinishedAnswers shared() {
    return new UnfinishedAnswers(new SharedLimit(MAX_BYTES_OF_ONE, MAX_BYTES));
  }

  /**
   * The limit for one runtime.
   *
   * @param maxResponseBytes the size of one answer, for which there is room in any case
   */
  static UnfinishedAnswers ofOne(int maxResponseBytes) {
    long max = Math.max(MAX_BYTES, maxResponseBytes + (long) SMALL_BYTES);
    return new UnfinishedAnswers(new SharedLimit(max, max));
  }

  /** Whether there is room for an answer of {@code bytes} if there are no others. */
  boolean hasRoomForOne(int bytes) {
    return bytes + (long) SMALL_BYTES <= limit.forOne();
  }

  SharedLimit.Share share() {
    return limit.share();
  }
}
