package io.crirouter.core.internal.events;

import io.crirouter.core.Scheduler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How fast the events of one runtime are read. A node makes a few thousand at once when all its
 * pods start or stop, and then few; one that sends more than that without end must not take the
 * time of the others. Not thread-safe.
 */
final class EventRate {
  /** Events in a second, in the long run. */
  static final int PER_SECOND = 1000;

  /** Events at once, after a while without. */
  static final int BURST = 5000;

  /** A large event counts as one for each of so many bytes. */
  static final int BYTES_OF_ONE = 16 << 10;

  /** Waits are not shorter than this, so that a flood is not one timer for each event. */
  private static final long MIN_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long NANOS_OF_ONE = TimeUnit.SECONDS.toNanos(1) / PER_SECOND;

  private final Scheduler scheduler;

  /** When the events so far would have come, one after the other at the rate of the long run. */
  private long paidAt;

  EventRate(Scheduler scheduler) {
    this.scheduler = scheduler;
    this.paidAt = scheduler.nanoTime();
  }

  /** Counts an event of {@code bytes}. */
  void count(int bytes) {
    long now = scheduler.nanoTime();
    if (paidAt - now < 0) {
      paidAt = now;
    }
    paidAt += (1 + bytes / BYTES_OF_ONE) * NANOS_OF_ONE;
  }

  /** How long the next event has to wait; zero if it need not. */
  Duration pause() {
    long ahead = paidAt - scheduler.nanoTime() - BURST * NANOS_OF_ONE;
    return ahead <= 0 ? Duration.ZERO : Duration.ofNanos(Math.max(ahead, MIN_WAIT_NANOS));
  }
}
