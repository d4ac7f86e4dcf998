package io.crirouter.core;

import java.time.Instant;

/** The state of one runtime behind the router at one moment. Immutable. Made by the router. */
public interface BackendState {
  /** The configured name. */
  BackendName name();

  /** Whether it is the primary. */
  boolean isPrimary();

  /** Its address, for messages; see {@link RuntimeBackend#address}. */
  String address();

  /** The phase. */
  Phase phase();

  /**
   * When the phase began, by {@link Scheduler#now}; for a runtime that was not reached yet, when
   * the router was built.
   */
  Instant since();

  /** Why it is not ready, for messages; empty if it is ready. */
  String reason();

  /** What the runtime calls itself in its last Version; empty before the first. */
  String runtimeName();

  /** The version that it told then; empty before the first. */
  String runtimeVersion();

  /** The phases of a runtime. */
  enum Phase {
    /** It was never ready and has no saved state: it has nothing that could be listed. */
    NEVER_SEEN,
    /** It is reachable and all connect steps have run. */
    READY,
    /** It was ready before, and is not now. Its pods may still run. */
    LOST
  }
}
