package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * The state of one runtime behind the router. Immutable.
 *
 * @param name the configured name
 * @param isPrimary whether it is the primary
 * @param address its address, for messages; see {@link RuntimeBackend#address}
 * @param phase the phase
 * @param since when the phase began, by {@link Scheduler#now}; for a runtime that was not reached
 *     yet, when the router was built
 * @param reason why it is not ready, for messages; empty if it is ready
 */
public record BackendState(
    BackendName name,
    boolean isPrimary,
    String address,
    Phase phase,
    Instant since,
    String reason) {
  /** The phases of a runtime. */
  public enum Phase {
    /** It was never ready and has no saved state: it has nothing that could be listed. */
    NEVER_SEEN,
    /** It is reachable and all connect steps have run. */
    READY,
    /** It was ready before, and is not now. Its pods may still run. */
    LOST
  }

  /** Checks for nulls. */
  public BackendState {
    requireNonNull(name, "name");
    requireNonNull(address, "address");
    requireNonNull(phase, "phase");
    requireNonNull(since, "since");
    requireNonNull(reason, "reason");
  }
}
