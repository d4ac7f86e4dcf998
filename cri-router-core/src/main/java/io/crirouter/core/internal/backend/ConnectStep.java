package io.crirouter.core.internal.backend;

import io.crirouter.core.internal.backend.Condition.Cause;
import java.util.function.Consumer;

/** Something to do each time a backend has come (back), before it counts as ready. */
@FunctionalInterface
public interface ConnectStep {
  /** The outcome of a step that leaves nothing to be desired. */
  Outcome DONE = new Outcome(Cause.NONE, "");

  /**
   * How a step ended.
   *
   * @param cause why the backend cannot be used, for decisions
   * @param reason the same for people
   */
  record Outcome(Cause cause, String reason) {}

  /** Does it and then runs {@code next}, in every case, exactly once. */
  void run(Backend backend, Consumer<Outcome> next);
}
