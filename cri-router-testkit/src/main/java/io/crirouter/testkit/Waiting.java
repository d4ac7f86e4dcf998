package io.crirouter.testkit;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits for a change by another thread, in real time and with a limit. */
final class Waiting {
  /** The default limit of waits in the testkit. */
  static final Duration LIMIT = Duration.ofSeconds(10);

  private Waiting() {}

  /** Waits for {@link #LIMIT} at most. */
  static <T> T until(Object monitor, Supplier<Optional<T>> probe, Supplier<String> failure) {
    return until(monitor, LIMIT, probe, failure);
  }

  /**
   * Waits on {@code monitor} until {@code probe} returns a value. Each change must notify the
   * monitor.
   *
   * @throws AssertionError with {@code failure} if that takes longer than {@code limit}
   */
  static <T> T until(
      Object monitor, Duration limit, Supplier<Optional<T>> probe, Supplier<String> failure) {
    long deadline = System.nanoTime() + limit.toNanos();
    synchronized (monitor) {
      Optional<T> value = probe.get();
      while (value.isEmpty()) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new AssertionError(failure.get() + " within " + inWords(limit));
        }
        pause(monitor, left, failure);
        value = probe.get();
      }
      return value.get();
    }
  }

  /** Formats in seconds if they are whole, otherwise in milliseconds. */
  static String inWords(Duration time) {
    return time.toMillisPart() == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  private static void pause(Object monitor, long nanos, Supplier<String> failure) {
    try {
      TimeUnit.NANOSECONDS.timedWait(monitor, nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(failure.get() + ": the wait was interrupted", e);
    }
  }
}
