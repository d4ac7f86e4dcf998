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
 * Logs how one backend fares and tells listeners, each change once and in order. Changes are added
 * within the lock that decides their order and delivered without it, since listeners are foreign
 * code.
 */
final class HealthReports {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private final Backend backend;
  private final List<Consumer<Condition>> listeners = new CopyOnWriteArrayList<>();
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
  private final Executor executor = MoreExecutors.newSequentialExecutor(Runnable::run);

  /** The absences that were logged in this phase: a runtime may alternate between two. */
  private final Set<Cause> logged = EnumSet.of(Cause.NONE);

  HealthReports(Backend backend) {
    this.backend = backend;
  }

  void addListener(Consumer<Condition> listener) {
    listeners.add(listener);
  }

  /** The backend has entered another phase; within the lock. */
  void addChange(Condition changed) {
    logged.clear();
    logged.add(changed.cause());
    waiting.add(() -> report(changed));
  }

  /** The backend is not ready for this reason, in the same phase as before; within the lock. */
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
        "runtime {0} is not there yet: {1}; it is used as soon as it is",
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
