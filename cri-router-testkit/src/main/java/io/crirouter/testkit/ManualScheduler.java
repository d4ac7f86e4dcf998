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
 * Time that stands still until a test moves it. Tasks run on the thread that calls {@link
 * #advance}, one after the other, in the order of their due times and, where those are equal, in
 * the order in which they were scheduled; each sees the clock at its own due time.
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

  /** A clock at zero, with nothing to do. */
  public ManualScheduler() {}

  @Override
  public synchronized long nanoTime() {
    return nowNanos;
  }

  /** The start of 2026, and what the clock has moved since. */
  @Override
  public Instant now() {
    return START.plusNanos(nanoTime());
  }

  /**
   * Plans {@code action}. One without delay runs at the next {@link #advance}, also by nothing.
   *
   * @return cancels the task; does nothing once it has run
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
   * Moves the clock and runs what falls due on the way, including what those tasks schedule within
   * the same time. A task that throws ends the call with its exception and is not run again.
   *
   * @param by how far; zero runs what is due already
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

  /** Takes the next task out and turns the clock to it, or to {@code target} if there is none. */
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

  /** How many tasks wait for their time. */
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
