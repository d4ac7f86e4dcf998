package io.crirouter.core.internal.events;

import com.google.common.util.concurrent.MoreExecutors;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.Cancellable;
import io.crirouter.core.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;

/**
 * Runs tasks one after the other, in order, on the threads that bring them. Whatever the events of
 * one router need is used only in these tasks. Thread-safe.
 */
final class SerialTasks implements Executor, Scheduler {
  private final Executor serial = MoreExecutors.newSequentialExecutor(Runnable::run);
  private final Scheduler scheduler;

  SerialTasks(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** Runs {@code task} when those before it have ended. */
  @Override
  public void execute(Runnable task) {
    serial.execute(task);
  }

  /** Runs {@code task} as one of these tasks. */
  @CanIgnoreReturnValue
  @Override
  public Cancellable schedule(Duration delay, Runnable task) {
    return scheduler.schedule(delay, () -> execute(task));
  }

  @Override
  public long nanoTime() {
    return scheduler.nanoTime();
  }

  @Override
  public Instant now() {
    return scheduler.now();
  }
}
