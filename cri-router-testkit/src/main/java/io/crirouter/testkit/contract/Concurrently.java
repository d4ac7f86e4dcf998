package io.crirouter.testkit.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs a task on several threads at the same time. */
final class Concurrently {
  private static final int LIMIT_SECONDS = 60;

  private Concurrently() {}

  /** The task of each thread. */
  interface Task {
    void run(int thread) throws Exception;
  }

  /**
   * Runs {@code task} on {@code threads} threads that start together.
   *
   * @throws AssertionError if they take longer than a minute, or if a task threw one
   */
  static void run(int threads, Task task) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      CyclicBarrier start = new CyclicBarrier(threads);
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int thread = i;
        running.add(
            executor.submit(
                () -> {
                  start.await(LIMIT_SECONDS, TimeUnit.SECONDS);
                  task.run(thread);
                  return null;
                }));
      }
      for (Future<?> future : running) {
        await(future);
      }
    } finally {
      executor.shutdownNow();
    }
  }

  private static void await(Future<?> task) throws Exception {
    try {
      task.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("concurrent tasks still run after " + LIMIT_SECONDS + " s", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
