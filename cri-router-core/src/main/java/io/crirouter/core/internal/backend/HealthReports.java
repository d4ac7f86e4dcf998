package io.crirouter.core.internal.backend;

import com.google.common.util.concurrent.MoreExecutors;
import io.crirouter.core.internal.backend.Condition.Cause;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Logs the changes of one backend's health and reports them to listeners, each once and in order.
 * Changes are added within the lock that orders them. They are delivered without it, because
 * listeners are foreign code.
 */
final class HealthReports {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private final Backend backend;
  private final List<Consumer<Condition>> listeners = new CopyOnWriteArrayList<>();
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
  private final Executor executor = MoreExecutors.newSequentialExecutor(Runnable::run);

  /** The causes that were logged in this phase: a runtime may alternate between two. */
  private final Set<Cause> logged = EnumSet.of(Cause.NONE);

  HealthReports(Backend backend) {
    this.backend = backend;
  }

  void addListener(Consumer<Condition> listener) {
    listeners.add(listener);
  }

  /** Adds a change of phase; within the lock. */
  void addChange(Condition changed) {
    logged.clear();
    logged.add(changed.cause());
    waiting.add(() -> report(changed));
  }

  /** Adds another cause for not being ready in the same phase; within the lock. */
  void addCause(Cause cause, String reason) {
    if (logged.add(cause)) {
      waiting.add(() -> logCause(reason));
    }
  }

  /** Delivers what waits, unless another thread does already. */
  void deliver() {
    executor.execute(
        () -> {
          for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
            next.run();
          }
        });
  }

  private void logCause(String reason) {
    LOG.log(
        System.Logger.Level.WARNING,
        "runtime {0} is not ready yet: {1}; it is used as soon as it is",
        backend,
        reason);
  }

  private void report(Condition changed) {
    if (changed.isReady()) {
      LOG.log(System.Logger.Level.INFO, "runtime {0} is ready", backend);
    } else {
      LOG.log(System.Logger.Level.WARNING, "runtime {0} is lost: {1}", backend, changed.reason());
    }
    listeners.forEach(listener -> listener.accept(changed));
  }
}
