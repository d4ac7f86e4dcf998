package io.crirouter.grpc;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes of answers of one runtime that have come in but are not complete. The limit on a single
 * answer bounds no memory, since a runtime can leave any number of answers unfinished. Thread-safe.
 */
final class UnfinishedAnswers {
  /** Answers below this are not counted: the number of calls bounds them. */
  static final int SMALL_BYTES = 64 << 10;

  private static final long MAX_BYTES = 24 << 20;

  private final long limit;
  private final AtomicLong held = new AtomicLong();

  /**
   * @param maxResponseBytes the size of one answer, for which there is room in any case
   */
  UnfinishedAnswers(int maxResponseBytes) {
    this.limit = Math.max(MAX_BYTES, maxResponseBytes + (long) SMALL_BYTES);
  }

  /** Counts more bytes of an answer; false if all answers together have too many. */
  boolean take(long bytes) {
    if (held.addAndGet(bytes) <= limit) {
      return true;
    }
    free(bytes);
    return false;
  }

  /** The answer is complete, or given up. */
  void free(long bytes) {
    held.addAndGet(-bytes);
  }

  /** Why an answer is given up. */
  String exceeded() {
    return "the runtime's unfinished answers have more than " + limit + " bytes";
  }
}
