package io.crirouter.core.backend;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one after the other in the order in which they came, on the thread that brings one
 * while none is running. State that only such tasks touch needs no lock, and nothing is locked
 * while they call foreign code: what that calls back is another task, run after this one.
 * Thread-safe.
 */
public final class SerialExecutor implements Executor {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private boolean running;

  @Override
  public void execute(Runnable task) {
    enqueue(task);
    runQueued();
  }

  /**
   * Puts a task behind the others and runs none: for callers that hold a lock which decides the
   * order. {@link #runQueued} is to follow once the lock is let go.
   */
  synchronized void enqueue(Runnable task) {
    tasks.add(task);
  }

  /** Runs what waits, unless another thread, or a caller further up on this one, does already. */
  void runQueued() {
    synchronized (this) {
      if (running) {
        return;
      }
      running = true;
    }
    for (Runnable next = next(); next != null; next = next()) {
      run(next);
    }
  }

  private synchronized @Nullable Runnable next() {
    Runnable next = tasks.poll();
    running = next != null;
    return next;
  }

  /** One task that fails must not keep all others from running. */
  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a task failed, others go on", e);
    }
  }
}
