package io.crirouter.testkit;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits for a condition that another thread brings about, in real time and with a limit. */
final class Waiting {
  /** How long any wait of the testkit lasts at most. */
  static final Duration LIMIT = Duration.ofSeconds(10);

  private Waiting() {}

  /**
   * Waits on {@code monitor}, which is notified of each change, until {@code probe} has a value.
   *
   * @throws AssertionError with {@code failure} if that takes longer than {@link #LIMIT}
   */
  static <T> T until(Object monitor, Supplier<Optional<T>> probe, Supplier<String> failure) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    synchronized (monitor) {
      Optional<T> value = probe.get();
      while (value.isEmpty()) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw new AssertionError(failure.get() + " within " + LIMIT.toSeconds() + " s");
        }
        pause(monitor, left, failure);
        value = probe.get();
      }
      return value.get();
    }
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
