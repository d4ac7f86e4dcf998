package io.crirouter.core;

/** Something that was planned and can be called off. Thread-safe. */
@FunctionalInterface
public interface Cancellable {
  /** Calls it off. Does nothing if it has begun, or was called off before. Never throws. */
  void cancel();
}
