package io.crirouter.core.internal.backend;

import io.crirouter.core.internal.backend.Condition.Cause;
import java.util.function.Consumer;

/** A step that runs each time a backend has become reachable, before it is ready. */
@FunctionalInterface
public interface ConnectStep {
  /** The outcome of a step after which the backend can be used. */
  Outcome DONE = new Outcome(Cause.NONE, "");

  /**
   * How a step ended.
   *
   * @param cause why the backend cannot be used, for decisions
   * @param reason the same for messages
   */
  record Outcome(Cause cause, String reason) {}

  /** Runs the step, then {@code next} exactly once, also if the step fails. */
  void run(Backend backend, Consumer<Outcome> next);
}
