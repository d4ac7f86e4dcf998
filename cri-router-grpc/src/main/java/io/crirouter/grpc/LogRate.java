package io.crirouter.grpc;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Limits the lines of one kind: ten at once, and one more each ten seconds. Thread-safe. */
final class LogRate {
  static final int BURST = 10;
  static final Duration INTERVAL = Duration.ofSeconds(10);

  private final LongSupplier nanoTime;
  private long fullAt;
  private long suppressed;

  LogRate(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.fullAt = nanoTime.getAsLong();
  }

  /**
   * Requests one line.
   *
   * @return the number of lines suppressed since the last one, or -1 to suppress this one too
   */
  synchronized long tryAcquire() {
    long now = nanoTime.getAsLong();
    if (now - fullAt > 0) {
      fullAt = now;
    }
    if (fullAt - now > (BURST - 1) * INTERVAL.toNanos()) {
      suppressed++;
      return -1;
    }
    fullAt += INTERVAL.toNanos();
    long result = suppressed;
    suppressed = 0;
    return result;
  }

  /** The note in a line about {@code count} suppressed ones. */
  static String note(long count) {
    return count == 0 ? "" : " (" + count + " lines like this were left out)";
  }
}
