package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.util.Map;

/**
 * Does and undoes one kind of step. Each method is idempotent: it is called again after an
 * interruption.
 */
interface StepAction {
  /** Returns the facts that {@link #isDone} and {@link #undo} need. Changes nothing. */
  default Map<String, String> prepare() throws IOException, InterruptedException, RefusedException {
    return Map.of();
  }

  /** Whether a step that was begun is done. */
  default boolean isDone(JournalStep step) throws IOException, RefusedException {
    return false;
  }

  void perform(JournalStep step) throws IOException, InterruptedException, RefusedException;

  /** Undoes the step. Does nothing if there is nothing to undo. */
  default void undo(JournalStep step) throws IOException, InterruptedException, RefusedException {}
}
