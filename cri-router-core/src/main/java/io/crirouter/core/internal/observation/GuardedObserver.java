package io.crirouter.core.internal.observation;

import static java.util.Objects.requireNonNull;

import io.crirouter.core.CallObservation;
import io.crirouter.core.CallObserver;
import io.crirouter.core.CallRecord;
import io.crirouter.core.CallRoute;
import io.crirouter.core.CriRequest;
import io.crirouter.core.Scheduler;
import java.util.concurrent.TimeUnit;

/** Calls an embedder's observer, which is foreign code: what it throws is only logged. */
final class GuardedObserver implements CallObserver {
  private static final System.Logger LOG = System.getLogger("io.crirouter");
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final CallObserver observer;
  private final Scheduler scheduler;

  // Guarded by the monitor of this object.
  private boolean hasFailed;
  private long reportedNanos;
  private long unreported;

  GuardedObserver(CallObserver observer, Scheduler scheduler) {
    this.observer = observer;
    this.scheduler = scheduler;
  }

  @Override
  public CallObservation started(CriRequest request) {
    try {
      CallObservation observation = requireNonNull(observer.started(request), "it returned null");
      return observation == CallObservation.NONE ? observation : new Guarded(observation);
    } catch (RuntimeException | Error e) {
      failed(e);
      return CallObservation.NONE;
    }
  }

  private final class Guarded implements CallObservation {
    private final CallObservation observation;

    Guarded(CallObservation observation) {
      this.observation = observation;
    }

    @Override
    public void routed(CallRoute route) {
      try {
        observation.routed(route);
      } catch (RuntimeException | Error e) {
        failed(e);
      }
    }

    @Override
    public void ended(CallRecord call) {
      try {
        observation.ended(call);
      } catch (RuntimeException | Error e) {
        failed(e);
      }
    }
  }

  private void failed(Throwable failure) {
    long before;
    synchronized (this) {
      long now = scheduler.nanoTime();
      if (hasFailed && now - reportedNanos < QUIET_NANOS) {
        unreported++;
        return;
      }
      hasFailed = true;
      reportedNanos = now;
      before = unreported;
      unreported = 0;
    }
    String more = before == 0 ? "" : " (" + before + " more failures were not logged)";
    LOG.log(System.Logger.Level.ERROR, "call observer " + observer + " failed" + more, failure);
  }
}
