package io.crirouter.testkit;

import io.crirouter.core.Cancellable;
import io.crirouter.core.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Schedules in real time on the timer thread of {@link CompletableFuture}. */
final class SystemScheduler implements Scheduler {
  static final SystemScheduler INSTANCE = new SystemScheduler();

  private SystemScheduler() {}

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public Cancellable schedule(Duration delay, Runnable task) {
    CompletableFuture<Void> timer =
        new CompletableFuture<Void>().orTimeout(delay.toNanos(), TimeUnit.NANOSECONDS);
    CompletableFuture<Void> unused =
        timer.whenComplete(
            (done, failure) -> {
              if (failure instanceof TimeoutException) {
                task.run();
              }
            });
    return () -> timer.cancel(false);
  }

  @Override
  public String toString() {
    return "real time";
  }
}
