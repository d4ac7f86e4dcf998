package io.crirouter.core.internal.backend;

import io.crirouter.core.BackendState.Phase;
import java.time.Instant;

/**
 * The health of a backend at one moment.
 *
 * @param phase the phase
 * @param cause why it is not ready, for decisions
 * @param since when the phase began
 * @param reason why it is not ready, for messages; empty if it is ready
 */
public record Condition(Phase phase, Cause cause, Instant since, String reason) {
  /** Why a backend is not ready. */
  public enum Cause {
    /** It is ready. */
    NONE,
    /** It was not probed yet. */
    NOT_PROBED,
    /** It cannot be reached, or answers Version with an error. */
    UNREACHABLE,
    /** It did not answer Version in time. */
    HUNG,
    /**
     * It is reachable, but a connect step failed: it does not list its pod sandboxes, for example.
     */
    NOT_USABLE,
    /** It is no longer configured. */
    NOT_CONFIGURED
  }

  /** Whether the backend is ready. */
  public boolean isReady() {
    return phase == Phase.READY;
  }

  /** The same phase with another cause. */
  Condition withCause(Cause otherCause, String otherReason) {
    return new Condition(phase, otherCause, since, otherReason);
  }
}
