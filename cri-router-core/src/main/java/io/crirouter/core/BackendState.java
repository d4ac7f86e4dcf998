package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * How one runtime behind the router is. Immutable.
 *
 * @param name the configured name
 * @param isPrimary whether it is the primary
 * @param address where it is, for people; see {@link RuntimeBackend#address}
 * @param phase where it is in its life
 * @param since when the phase began, by {@link Scheduler#now}; for a runtime that was not reached
 *     since the router was built, when that was
 * @param reason why it is not ready, for people; empty if it is ready
 */
public record BackendState(
    BackendName name,
    boolean isPrimary,
    String address,
    Phase phase,
    Instant since,
    String reason) {
  /** Where a runtime is in its life. */
  public enum Phase {
    /** It has not answered yet since the router knows it: it has nothing that could be listed. */
    NEVER_SEEN,
    /** It answers. */
    READY,
    /** It answered once and does not now: what it had may still run. */
    LOST
  }

  /** Checks that nothing is missing. */
  public BackendState {
    requireNonNull(name, "name");
    requireNonNull(address, "address");
    requireNonNull(phase, "phase");
    requireNonNull(since, "since");
    requireNonNull(reason, "reason");
  }
}
