package io.crirouter.core.internal.inventory;

import io.crirouter.core.Cancellable;
import io.crirouter.core.Scheduler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Time that a test moves; tasks run when it says so. */
final class ManualClock implements Scheduler {
  private final List<Task> tasks = new ArrayList<>();
  private long nanos = 1;

  /**
   * A task that was planned and not cancelled.
   *
   * @param delay how long after it was planned it is to run
   */
  record Task(Duration delay, Runnable action) {}

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public Instant now() {
    return Instant.EPOCH.plusNanos(nanos);
  }

  @Override
  public Cancellable schedule(Duration delay, Runnable action) {
    Task task = new Task(delay, action);
    tasks.add(task);
    return () -> tasks.remove(task);
  }

  void advance(Duration by) {
    nanos += by.toNanos();
  }

  /** What is planned, oldest first. */
  List<Task> tasks() {
    return List.copyOf(tasks);
  }

  /** Runs what is planned by now. */
  void runTasks() {
    List<Task> due = tasks();
    tasks.clear();
    due.forEach(task -> task.action().run());
  }
}
