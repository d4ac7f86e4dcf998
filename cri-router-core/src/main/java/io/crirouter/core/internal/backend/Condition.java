package io.crirouter.core.internal.backend;

import io.crirouter.core.BackendState.Phase;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

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

  /** Of a backend that was not probed yet. */
  static Condition neverSeen(Instant now) {
    return new Condition(Phase.NEVER_SEEN, Cause.NOT_PROBED, now, "not asked yet");
  }

  /** Of a backend that was not probed yet, but had an inventory before the router restarted. */
  static Condition restored(Instant now) {
    String reason = "not reached since the router restarted";
    return new Condition(Phase.LOST, Cause.NOT_PROBED, now, reason);
  }

  /** Of a backend that is no longer configured. It is never probed. */
  static Condition notConfigured(Instant now) {
    return new Condition(Phase.LOST, Cause.NOT_CONFIGURED, now, "it is not configured any more");
  }

  /** Whether the backend is ready. */
  public boolean isReady() {
    return phase == Phase.READY;
  }

  /** The time of day since when it is lost, for messages. */
  String timeOfDay() {
    return TimeOfDay.FORMAT.format(since);
  }

  /** Loaded only when it is needed. */
  private static final class TimeOfDay {
    static final DateTimeFormatter FORMAT =
        DateTimeFormatter.ofPattern("HH:mm:ss'Z'").withZone(ZoneOffset.UTC);
  }
}
