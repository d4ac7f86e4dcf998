package io.crirouter.testkit;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.Cancellable;
import io.crirouter.core.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A simulated clock that advances only when a test says so. Tasks run one after the other on the
 * thread that calls {@link #advance}, ordered by due time and, if that is equal, by the order in
 * which they were scheduled. While a task runs, the clock shows its due time.
 *
 * <p>May be used from any thread.
 */
public final class ManualScheduler implements Scheduler {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private record Task(long dueNanos, long sequence, Runnable action) {}

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(Comparator.comparingLong(Task::dueNanos).thenComparing(Task::sequence));
  private long nowNanos;
  private long scheduled;

  /** A clock at zero, without tasks. */
  public ManualScheduler() {}

  @Override
  public synchronized long nanoTime() {
    return nowNanos;
  }

  /** The start of 2026 plus the time advanced so far. */
  @Override
  public Instant now() {
    return START.plusNanos(nanoTime());
  }

  /**
   * Schedules {@code action}. A task without delay runs at the next {@link #advance}, also by zero.
   *
   * @return cancels the task; has no effect once it has run
   */
  @CanIgnoreReturnValue
  @Override
  public Cancellable schedule(Duration delay, Runnable action) {
    requireNonNull(action, "action");
    Task task;
    synchronized (this) {
      long due = saturatedSum(nowNanos, Math.max(0, saturatedNanos(delay)));
      task = new Task(due, scheduled++, action);
      tasks.add(task);
    }
    return () -> remove(task);
  }

  private synchronized void remove(Task task) {
    tasks.remove(task);
  }

  /**
   * Advances the clock and runs the tasks that fall due, including those that these tasks schedule
   * within the same time. If a task throws, this method throws its exception; the task is not run
   * again.
   *
   * @param by zero runs the tasks that are due already
   * @throws IllegalArgumentException if negative
   */
  public void advance(Duration by) {
    if (by.isNegative()) {
      throw new IllegalArgumentException("time does not go back: " + by);
    }
    long target;
    synchronized (this) {
      target = saturatedSum(nowNanos, by.toNanos());
    }
    Task due = nextDue(target);
    while (due != null) {
      due.action().run();
      due = nextDue(target);
    }
  }

  /** Removes the next task and sets the clock to it, or to {@code target} if there is none. */
  private synchronized @Nullable Task nextDue(long target) {
    Task next = tasks.peek();
    if (next == null || next.dueNanos() > target) {
      nowNanos = Math.max(nowNanos, target);
      return null;
    }
    tasks.remove();
    nowNanos = Math.max(nowNanos, next.dueNanos());
    return next;
  }

  /** The number of tasks that have not run yet. */
  public synchronized int pendingTasks() {
    return tasks.size();
  }

  private static long saturatedNanos(Duration delay) {
    try {
      return delay.toNanos();
    } catch (ArithmeticException e) {
      return delay.isNegative() ? 0 : Long.MAX_VALUE;
    }
  }

  private static long saturatedSum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }

  @Override
  public synchronized String toString() {
    return "ManualScheduler(" + Duration.ofNanos(nowNanos) + ", " + tasks.size() + " tasks)";
  }
}
