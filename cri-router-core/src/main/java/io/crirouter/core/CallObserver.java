package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import java.util.function.Consumer;

/**
 * Sees every call that a client makes: for metrics, tracing and logs. See {@link
 * CriRouter.Builder#observer}. What the router asks on its own account (probes, lists in the
 * background, event subscriptions) is not shown; a {@link BackendListener} sees what they find.
 *
 * <p><b>Order and threads.</b> For each call {@link #started} comes first, then {@link
 * CallObservation#routed} unless the call is refused before, then {@link CallObservation#ended}:
 * one after the other, each seeing what the one before wrote. They run on the threads that bring
 * calls, responses and timers, many calls at once.
 *
 * <p><b>Duties.</b> Must not block: the call waits. May call the router. An exception changes
 * nothing for the call; it is logged, at most once a minute for each observer.
 */
@FunctionalInterface
public interface CallObserver {
  /**
   * A client has made a call. It was not looked at yet.
   *
   * @param request the call as the client sent it; the message may hold credentials and
   *     environments, which do not belong into logs
   * @return sees the rest of this call; {@link CallObservation#NONE} if it is of no interest, which
   *     spares all further work for it
   */
  CallObservation started(CriRequest request);

  /** An observer that gets the record of each call when it has ended. */
  static CallObserver whenEnded(Consumer<CallRecord> consumer) {
    requireNonNull(consumer, "consumer");
    CallObservation observation =
        new CallObservation() {
          @Override
          public void ended(CallRecord call) {
            consumer.accept(call);
          }

          @Override
          public String toString() {
            return consumer.toString();
          }
        };
    return new CallObserver() {
      @Override
      public CallObservation started(CriRequest request) {
        return observation;
      }

      @Override
      public String toString() {
        return "whenEnded(" + consumer + ")";
      }
    };
  }
}
