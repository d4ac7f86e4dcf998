package io.crirouter.core.internal.backend;

import java.time.Duration;
import java.util.SplittableRandom;

/** The times between attempts that fail: each longer than the one before, up to a limit. */
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(250);
  private static final Duration LAST = Duration.ofSeconds(5);
  private static final double GROWTH = 1.6;

  /** Runtimes that went away together are not all probed at once. */
  private static final double JITTER = 0.2;

  private final SplittableRandom random;
  private Duration wait = FIRST;

  Backoff(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** An attempt has succeeded. */
  void reset() {
    wait = FIRST;
  }

  /** How long to wait now that an attempt has failed. */
  Duration next() {
    double jitter = 1 + JITTER * (2 * random.nextDouble() - 1);
    Duration next = Duration.ofNanos((long) (wait.toNanos() * jitter));
    wait = Duration.ofNanos(Math.min((long) (wait.toNanos() * GROWTH), LAST.toNanos()));
    return next;
  }
}
