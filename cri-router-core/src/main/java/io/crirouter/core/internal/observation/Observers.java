package io.crirouter.core.internal.observation;

import io.crirouter.core.CallObservation;
import io.crirouter.core.CallObserver;
import io.crirouter.core.CallRecord;
import io.crirouter.core.CallRoute;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.Scheduler;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The observers of a router's calls. Thread-safe. */
public final class Observers {
  private final CallObserver observer;
  private final Scheduler scheduler;

  private Observers(CallObserver observer, Scheduler scheduler) {
    this.observer = observer;
    this.scheduler = scheduler;
  }

  /** These observers, guarded against their exceptions; null if there are none. */
  public static @Nullable Observers of(List<CallObserver> observers, Scheduler scheduler) {
    List<CallObserver> guarded = new ArrayList<>();
    for (CallObserver observer : observers) {
      guarded.add(new GuardedObserver(observer, scheduler));
    }
    return switch (guarded.size()) {
      case 0 -> null;
      case 1 -> new Observers(guarded.get(0), scheduler);
      default -> new Observers(request -> all(guarded, request), scheduler);
    };
  }

  private static CallObservation all(List<CallObserver> observers, CriRequest request) {
    List<CallObservation> interested = new ArrayList<>();
    for (CallObserver observer : observers) {
      CallObservation observation = observer.started(request);
      if (observation != CallObservation.NONE) {
        interested.add(observation);
      }
    }
    return switch (interested.size()) {
      case 0 -> CallObservation.NONE;
      case 1 -> interested.get(0);
      default -> new Several(interested);
    };
  }

  /** Tells the observers of a call that begins; null if none is interested in it. */
  public @Nullable ObservedCall observe(CriRequest request, ResponseListener client) {
    CallObservation observation = observer.started(request);
    return observation == CallObservation.NONE
        ? null
        : new ObservedCall(request, client, observation, scheduler);
  }

  private record Several(List<CallObservation> observations) implements CallObservation {
    @Override
    public void routed(CallRoute route) {
      observations.forEach(observation -> observation.routed(route));
    }

    @Override
    public void ended(CallRecord call) {
      observations.forEach(observation -> observation.ended(call));
    }
  }
}
