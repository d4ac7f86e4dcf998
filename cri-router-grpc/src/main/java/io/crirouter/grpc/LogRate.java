package io.crirouter.grpc;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How many lines of one kind may be logged, since others can cause them: ten at once, and one more
 * each ten seconds. Thread-safe.
 */
final class LogRate {
  static final int BURST = 10;
  static final Duration INTERVAL = Duration.ofSeconds(10);

  private final LongSupplier nanoTime;
  private long fullAt;
  private long leftOut;

  LogRate(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.fullAt = nanoTime.getAsLong();
  }

  /**
   * Asks for one line.
   *
   * @return how many lines were left out since the last one, or -1 if this one is to be left out
   *     too
   */
  synchronized long tryAcquire() {
    long now = nanoTime.getAsLong();
    if (now - fullAt > 0) {
      fullAt = now;
    }
    if (fullAt - now > (BURST - 1) * INTERVAL.toNanos()) {
      leftOut++;
      return -1;
    }
    fullAt += INTERVAL.toNanos();
    long result = leftOut;
    leftOut = 0;
    return result;
  }

  /** What a line says about {@code count} others that were left out. */
  static String note(long count) {
    return count == 0 ? "" : " (" + count + " lines like this were left out)";
  }
}
