package io.crirouter.core.internal.backend;

import io.crirouter.core.BackendState.Phase;
import java.time.Instant;

/**
 * How a backend is.
 *
 * @param phase the phase
 * @param cause why it is not ready, for decisions
 * @param since when the phase began
 * @param reason why it is not ready, for people; empty if it is ready
 */
public record Condition(Phase phase, Cause cause, Instant since, String reason) {
  /** Why a backend is not ready. */
  public enum Cause {
    /** It is ready. */
    NONE,
    /** It was not asked yet. */
    NOT_PROBED,
    /** It cannot be reached, or answers Version with an error. */
    UNREACHABLE,
    /** It left Version unanswered. */
    HUNG,
    /** It is there, but does not do what it must do first: it does not list what it has, say. */
    NOT_USABLE,
    /** It is not configured any more. */
    NOT_CONFIGURED
  }

  /** Whether the backend answers. */
  public boolean isReady() {
    return phase == Phase.READY;
  }

  /** The same phase, for another reason. */
  Condition withCause(Cause otherCause, String otherReason) {
    return new Condition(phase, otherCause, since, otherReason);
  }
}
