package io.crirouter.grpc;

import io.crirouter.core.Cancellable;
import io.crirouter.core.Scheduler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Adapts a {@link Scheduler} to {@link io.grpc.Context}, which schedules one task at its deadline
 * and cancels that task. Nothing else is supported. Without a scheduler no task runs.
 */
final class ContextTimer extends AbstractExecutorService implements ScheduledExecutorService {
  private final @Nullable Scheduler scheduler;

  ContextTimer(@Nullable Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    Cancellable scheduled =
        scheduler == null
            ? () -> {}
            : scheduler.schedule(Duration.ofNanos(Math.max(0, unit.toNanos(delay))), task);
    return new Timer(scheduled);
  }

  /** A task that can only be cancelled. */
  private static final class Timer extends CompletableFuture<Void>
      implements ScheduledFuture<Void> {
    private final Cancellable scheduled;

    Timer(Cancellable scheduled) {
      this.scheduled = scheduled;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      scheduled.cancel();
      return super.cancel(mayInterruptIfRunning);
    }

    @Override
    public long getDelay(TimeUnit unit) {
      throw new UnsupportedOperationException("the delay of a deadline");
    }

    @Override
    public int compareTo(Delayed other) {
      throw new UnsupportedOperationException("the order of deadlines");
    }
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
    throw unsupported();
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable task, long delay, long period, TimeUnit unit) {
    throw unsupported();
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable task, long delay, long pause, TimeUnit unit) {
    throw unsupported();
  }

  @Override
  public void execute(Runnable task) {
    throw unsupported();
  }

  @Override
  public void shutdown() {
    throw unsupported();
  }

  @Override
  public List<Runnable> shutdownNow() {
    throw unsupported();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    throw unsupported();
  }

  private static UnsupportedOperationException unsupported() {
    return new UnsupportedOperationException("this timer is for the deadlines of contexts only");
  }
}
