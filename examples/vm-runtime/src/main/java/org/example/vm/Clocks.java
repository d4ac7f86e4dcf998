package org.example.vm;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** The time in the unit of CRI. */
final class Clocks {
  private Clocks() {}

  /** Nanoseconds since the Unix epoch. */
  static long nanos() {
    Instant now = Instant.now();
    return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
  }
}
