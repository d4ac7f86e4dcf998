package io.crirouter.grpc;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * Decides when the next connection to a runtime may be made. A connection is useful if the runtime
 * answered a call other than Version on it. After a useless connection there is a pause, which
 * grows from 100 ms to 5 s (± 20 %). After a useful one of less than a second the pause is 1 s at
 * most. After a useful one of a second or more there is none.
 *
 * <p>Times are those of a monotonic clock, in nanoseconds. Thread-safe.
 */
final class Backoff {
  private static final Duration MIN_PAUSE = Duration.ofMillis(100);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(5);
  private static final Duration MAX_PAUSE_IF_USEFUL = Duration.ofSeconds(1);

  /** A useful connection of this age costs no pause. */
  private static final Duration STABLE_AGE = Duration.ofSeconds(1);

  private static final double GROWTH = 1.6;
  private static final double JITTER = 0.2;

  private final DoubleSupplier random;
  private Duration pause = MIN_PAUSE;
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

  /** Records an attempt. The next one is permitted 100 ms later at the earliest. */
  synchronized void attempted(long now) {
    postpone(now, MIN_PAUSE);
  }

  /**
   * Records an attempt that was made without a look at {@link #permits}, because the socket was
   * replaced. The next one is permitted after 100 ms, even if there was a longer pause.
   */
  synchronized void attemptedEarly(long now) {
    notBefore = now + MIN_PAUSE.toNanos();
  }

  /**
   * Records the end of a connection.
   *
   * @param age how long it was connected
   * @param useful whether a call other than Version was answered on it
   * @return the pause until the next one is permitted
   */
  @CanIgnoreReturnValue
  synchronized Duration ended(long now, Duration age, boolean useful) {
    if (useful && age.compareTo(STABLE_AGE) >= 0) {
      pause = MIN_PAUSE;
      return Duration.ZERO;
    }
    Duration limit = useful ? MAX_PAUSE_IF_USEFUL : MAX_PAUSE;
    double jitter = 1 + JITTER * (2 * random.getAsDouble() - 1);
    Duration wait = times(pause.compareTo(limit) < 0 ? pause : limit, jitter);
    Duration longer = times(pause, GROWTH);
    pause = longer.compareTo(MAX_PAUSE) < 0 ? longer : MAX_PAUSE;
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
