package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The clock and timers of the router, which has neither a clock nor threads of its own. Tests use a
 * clock that they advance.
 */
public interface Scheduler {
  /** A monotonic clock in nanoseconds, with an arbitrary origin. */
  long nanoTime();

  /** The time of day, for time stamps that the router makes. */
  Instant now();

  /**
   * Runs {@code task} once after {@code delay}, unless it is cancelled before. Tasks are short and
   * do not block.
   *
   * @return cancels the task
   */
  @CanIgnoreReturnValue
  Cancellable schedule(Duration delay, Runnable task);

  /** The system's clocks, and tasks on {@code executor}, which belongs to the caller. */
  static Scheduler of(ScheduledExecutorService executor) {
    requireNonNull(executor, "executor");
    return new Scheduler() {
      @Override
      public long nanoTime() {
        return System.nanoTime();
      }

      @Override
      public Instant now() {
        return Instant.now();
      }

      @CanIgnoreReturnValue
      @Override
      public Cancellable schedule(Duration delay, Runnable task) {
        Future<?> future = executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
      }

      @Override
      public String toString() {
        return "Scheduler(" + executor + ")";
      }
    };
  }
}
