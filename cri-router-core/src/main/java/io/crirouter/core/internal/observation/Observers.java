package io.crirouter.core.internal.observation;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import io.crirouter.core.CallObservation;
import io.crirouter.core.CallObserver;
import io.crirouter.core.CallRecord;
import io.crirouter.core.CallRoute;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.Scheduler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The observers of a router's calls. Thread-safe. */
public final class Observers {
  private final ImmutableList<CallObserver> observers;
  private final Scheduler scheduler;

  /** Guards these observers against their exceptions. */
  public Observers(List<CallObserver> observers, Scheduler scheduler) {
    this.observers =
        observers.stream()
            .map(observer -> new GuardedObserver(observer, scheduler))
            .collect(toImmutableList());
    this.scheduler = scheduler;
  }

  /** Tells the observers of a call that begins; null if none is interested in it. */
  public @Nullable ObservedCall observe(CriRequest request, ResponseListener client) {
    CallObservation observation = CallObservation.NONE;
    for (CallObserver observer : observers) {
      observation = both(observation, observer.started(request));
    }
    return observation == CallObservation.NONE
        ? null
        : new ObservedCall(request, client, observation, scheduler);
  }

  private static CallObservation both(CallObservation one, CallObservation other) {
    if (one == CallObservation.NONE) {
      return other;
    }
    return other == CallObservation.NONE ? one : new Both(one, other);
  }

  private record Both(CallObservation one, CallObservation other) implements CallObservation {
    @Override
    public void routed(CallRoute route) {
      one.routed(route);
      other.routed(route);
    }

    @Override
    public void ended(CallRecord call) {
      one.ended(call);
      other.ended(call);
    }
  }
}
