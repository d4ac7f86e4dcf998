package io.crirouter.core;

/**
 * Sees one call of a client; see {@link CallObserver} for order, threads and duties. New methods
 * may be added; each does nothing by default.
 */
public interface CallObservation {
  /** Sees nothing more of the call. */
  CallObservation NONE =
      new CallObservation() {
        @Override
        public String toString() {
          return "NONE";
        }
      };

  /**
   * The router has decided which backends answer; none of them was asked yet. Called once, not at
   * all for a call that is refused before.
   */
  default void routed(CallRoute route) {}

  /** The call has ended; the client is told right after. Called exactly once. */
  default void ended(CallRecord call) {}
}
