package io.crirouter.core.internal.observation;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;

/** Takes note of what one backend contributes to one call of a client. Thread-safe. */
public interface PartTrace {
  /** Takes no notes: nobody observes the call. */
  PartTrace NONE = new PartTrace() {};

  /**
   * The call is sent to the runtime.
   *
   * @return the listener for the answer, which passes everything on to {@code client}
   */
  default ResponseListener sent(CriRequest request, ResponseListener client) {
    return client;
  }

  /** The part ends without a call of the runtime. */
  default void refused(RpcStatus status) {}

  /** The runtime has not answered within its budget, and is waited for no more. */
  default void missedBudget(RpcStatus status) {}

  /** The last known state stands in for the answer. */
  default void usedLastKnown() {}
}
