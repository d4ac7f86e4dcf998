package io.crirouter.grpc;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * When the next connection to a runtime may be made. Each connection that ends without having been
 * of use makes the pause longer, from 100 ms to 5 s (± 20 %), and so does one that was of use but
 * for less than a second, to 1 s at most. One that served for longer costs no pause.
 *
 * <p>Times are those of a monotonic clock, in nanoseconds. Thread-safe.
 */
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration LAST = Duration.ofSeconds(5);
  private static final Duration LAST_IF_USEFUL = Duration.ofSeconds(1);

  /** A useful connection that lived for this long is a sound one. */
  private static final Duration SOUND = Duration.ofSeconds(1);

  private static final double GROWTH = 1.6;
  private static final double JITTER = 0.2;

  private final DoubleSupplier random;
  private Duration pause = FIRST;
  private long notBefore;

  /**
   * A back-off that permits a connection from now on.
   *
   * @param random numbers from 0 to 1
   */
  Backoff(long now, DoubleSupplier random) {
    this.notBefore = now;
    this.random = random;
  }

  /** Whether a connection may be made. */
  synchronized boolean permits(long now) {
    return now - notBefore >= 0;
  }

  /** An attempt is made; another one has to wait for 100 ms, whatever comes of it. */
  synchronized void attempted(long now) {
    postpone(now, FIRST);
  }

  /** As {@link #attempted}, though it may have come too early: somebody new is there perhaps. */
  synchronized void attemptedNow(long now) {
    notBefore = now + FIRST.toNanos();
  }

  /**
   * A connection has ended.
   *
   * @param lived how long it was there
   * @param useful whether a call other than Version was answered on it
   * @return the time until there may be another one
   */
  @CanIgnoreReturnValue
  synchronized Duration ended(long now, Duration lived, boolean useful) {
    if (useful && lived.compareTo(SOUND) >= 0) {
      pause = FIRST;
      return Duration.ZERO;
    }
    Duration limit = useful ? LAST_IF_USEFUL : LAST;
    double jitter = 1 + JITTER * (2 * random.getAsDouble() - 1);
    Duration wait = times(pause.compareTo(limit) < 0 ? pause : limit, jitter);
    Duration longer = times(pause, GROWTH);
    pause = longer.compareTo(LAST) < 0 ? longer : LAST;
    postpone(now, wait);
    return wait;
  }

  private void postpone(long now, Duration wait) {
    long candidate = now + wait.toNanos();
    if (candidate - notBefore > 0) {
      notBefore = candidate;
    }
  }

  private static Duration times(Duration duration, double factor) {
    return Duration.ofNanos((long) (duration.toNanos() * factor));
  }
}
