package io.crirouter.core.backend;

/**
 * How a backend is.
 *
 * @param phase the phase
 * @param sinceNanos when the phase began, by the router's clock
 * @param reason why it is not ready, for people; empty if it is ready
 */
public record Condition(Phase phase, long sinceNanos, String reason) {
  /** Where a backend is in its life. */
  public enum Phase {
    /** It has not answered yet since the router knows it: it has nothing that could be listed. */
    NEVER_SEEN,
    /** It answers. */
    READY,
    /** It answered once and does not now: what it had may still run. */
    LOST
  }

  /** Whether the backend answers. */
  public boolean isReady() {
    return phase == Phase.READY;
  }
}
