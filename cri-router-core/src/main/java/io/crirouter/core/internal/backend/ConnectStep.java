package io.crirouter.core.internal.backend;

/** A step that runs each time a backend has listed what it has, before it is ready. */
@FunctionalInterface
public interface ConnectStep {
  /** Runs the step, then {@code next} exactly once, also if the step fails. */
  void run(Backend backend, Runnable next);
}
