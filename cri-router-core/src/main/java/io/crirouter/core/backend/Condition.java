package io.crirouter.core.backend;

import io.crirouter.core.BackendState.Phase;
import java.time.Instant;

/**
 * How a backend is.
 *
 * @param phase the phase
 * @param sinceNanos when the phase began, by the router's clock
 * @param since the same as the time of day
 * @param reason why it is not ready, for people; empty if it is ready
 */
public record Condition(Phase phase, long sinceNanos, Instant since, String reason) {
  /** Whether the backend answers. */
  public boolean isReady() {
    return phase == Phase.READY;
  }

  /** The same phase, for another reason. */
  Condition because(String other) {
    return new Condition(phase, sinceNanos, since, other);
  }
}
