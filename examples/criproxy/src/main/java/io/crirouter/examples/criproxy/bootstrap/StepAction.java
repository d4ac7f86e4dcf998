package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.util.Map;

/**
 * How one kind of step is done and undone. Each method may be called again after it was interrupted
 * anywhere.
 */
interface StepAction {
  /** What undoing it, or going on with it, needs to know; asked before anything is changed. */
  default Map<String, String> prepare() throws IOException, InterruptedException, RefusedException {
    return Map.of();
  }

  /** Whether a step that was begun is done. */
  default boolean isDone(JournalStep step) throws IOException, RefusedException {
    return false;
  }

  void perform(JournalStep step) throws IOException, InterruptedException, RefusedException;

  /** Does nothing if there is nothing to undo. */
  default void undo(JournalStep step) throws IOException, InterruptedException, RefusedException {}
}
