package io.crirouter.core.internal.backend;

import com.google.common.util.concurrent.MoreExecutors;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.backend.Condition.Cause;
import io.crirouter.core.internal.call.ClippedText;
import java.util.EnumSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The condition of one backend, as {@link Watch} finds it. Its changes are logged and reported to
 * listeners, each once and in order. Thread-safe.
 */
public final class Health {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private final Backend backend;
  private final Scheduler scheduler;
  private final List<Consumer<Condition>> listeners = new CopyOnWriteArrayList<>();

  /** Added within the lock that orders the changes, and run without it: listeners are foreign. */
  private final Queue<Runnable> reports = new ConcurrentLinkedQueue<>();

  private final Executor reporting = MoreExecutors.newSequentialExecutor(Runnable::run);

  /** The causes that were logged in this phase: a runtime may alternate between two. */
  private final Set<Cause> logged = EnumSet.of(Cause.NONE);

  private volatile Condition condition;
  private boolean isClosed;

  Health(Backend backend, Condition condition, Scheduler scheduler) {
    this.backend = backend;
    this.condition = condition;
    this.scheduler = scheduler;
  }

  /** The condition now. */
  public Condition condition() {
    return condition;
  }

  /** Whether the backend is ready now. */
  public boolean isReady() {
    return condition.isReady();
  }

  /** Calls {@code listener} after each change of phase, in their order and one at a time. */
  public void onChange(Consumer<Condition> listener) {
    listeners.add(listener);
  }

  /** The backend can be used. */
  void ready() {
    change(Cause.NONE, "");
  }

  /** The backend cannot be used. */
  void notReady(Cause cause, String reason) {
    change(cause, ClippedText.of(reason));
  }

  /** Nothing changes any more. */
  synchronized void close() {
    isClosed = true;
  }

  private void change(Cause cause, String reason) {
    synchronized (this) {
      if (isClosed) {
        return;
      }
      Phase phase = cause == Cause.NONE ? Phase.READY : phaseWhileNotReady();
      boolean isSamePhase = condition.phase() == phase;
      Condition changed =
          new Condition(phase, cause, isSamePhase ? condition.since() : scheduler.now(), reason);
      condition = changed;
      if (!isSamePhase) {
        logged.clear();
      }
      if (logged.add(cause)) {
        reports.add(isSamePhase ? () -> logCause(reason) : () -> report(changed));
      }
    }
    reporting.execute(this::reportNext);
  }

  private Phase phaseWhileNotReady() {
    return condition.phase() == Phase.NEVER_SEEN ? Phase.NEVER_SEEN : Phase.LOST;
  }

  private void reportNext() {
    Runnable report = reports.poll();
    if (report != null) {
      report.run();
    }
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
