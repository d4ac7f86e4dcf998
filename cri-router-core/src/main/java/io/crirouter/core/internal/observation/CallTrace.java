package io.crirouter.core.internal.observation;

import io.crirouter.core.BackendName;
import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.CriMethod;
import java.util.List;
import java.util.function.Function;

/** Takes note of what happens to one call of a client. Thread-safe. */
public interface CallTrace {
  /** Takes no notes: nobody observes the call. */
  CallTrace NONE = new CallTrace() {};

  /** Whether anybody observes the call. */
  default boolean isObserved() {
    return false;
  }

  /** One backend answers, by {@code rule}. Called before it is asked. */
  default void routed(Rule rule, BackendName backend, String subject) {
    if (isObserved()) {
      routed(Route.of(rule, List.of(backend), subject));
    }
  }

  /** Several backends answer, by {@code rule}. Called before they are asked. */
  default <T> void routed(
      Rule rule, List<T> backends, Function<T, BackendName> name, String subject) {
    if (isObserved()) {
      routed(Route.of(rule, backends.stream().map(name).toList(), subject));
    }
  }

  /** The call was routed. Called before a backend is asked. */
  default void routed(Route route) {}

  /** Notes for what {@code backend} contributes by {@code method}. */
  default PartTrace part(BackendName backend, CriMethod method) {
    return PartTrace.NONE;
  }
}
