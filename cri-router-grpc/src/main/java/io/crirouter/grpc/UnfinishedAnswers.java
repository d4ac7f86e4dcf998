package io.crirouter.grpc;

import io.crirouter.core.internal.call.SharedLimit;

/**
 * A limit on the bytes of answers that are received but not complete. The limit on a single answer
 * does not bound the memory: a runtime can leave any number of answers unfinished.
 *
 * <p>Several runtimes can share one limit. The more they hold, the less each of them may hold, so
 * that there is always room for a short answer. Do not share it with the primary: its long lists
 * need room whatever the others hold. Thread-safe.
 */
public final class UnfinishedAnswers {
  /** Shorter answers are not counted. The number of calls bounds them. */
  static final int SMALL_BYTES = 64 << 10;

  private static final long MAX_BYTES = 24 << 20;

  /** A little more than the longest answer that kubelets accept. */
  private static final long MAX_BYTES_OF_ONE = (16 << 20) + SMALL_BYTES;

  private final SharedLimit limit;

  private UnfinishedAnswers(SharedLimit limit) {
    this.limit = limit;
  }

  /** A limit for several runtimes: 16 MiB for each of them, and 24 MiB for all together. */
  public static UnfinishedAnswers shared() {
    return new UnfinishedAnswers(new SharedLimit(MAX_BYTES_OF_ONE, MAX_BYTES));
  }

  /**
   * The limit for one runtime.
   *
   * @param maxResponseBytes the limit on one answer, for which there is always room
   */
  static UnfinishedAnswers ofOne(int maxResponseBytes) {
    long max = Math.max(MAX_BYTES, maxResponseBytes + (long) SMALL_BYTES);
    return new UnfinishedAnswers(new SharedLimit(max, max));
  }

  /** Whether an answer of {@code bytes} has room if there are no others. */
  boolean hasRoomForOne(int bytes) {
    return bytes + (long) SMALL_BYTES <= limit.forOne();
  }

  SharedLimit.Share share() {
    return limit.share();
  }
}
