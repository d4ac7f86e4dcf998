package io.crirouter.core.internal.call;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Lets the first of several values through and runs a clean-up after it. Thread-safe. */
public final class OnceOnly<T> {
  private final Consumer<T> consumer;
  private boolean done;
  private @Nullable Runnable cleanUp;

  /** Hands the first value to {@code consumer}. */
  public OnceOnly(Consumer<T> consumer) {
    this.consumer = consumer;
  }

  /** Whether a value has come. */
  public synchronized boolean isDone() {
    return done;
  }

  /** Whether {@code value} was the first. */
  public boolean accept(T value) {
    Runnable after;
    synchronized (this) {
      if (done) {
        return false;
      }
      done = true;
      after = cleanUp;
    }
    if (after != null) {
      after.run();
    }
    consumer.accept(value);
    return true;
  }

  /** Runs {@code action} once the value has come, at once if it has. */
  public void then(Runnable action) {
    synchronized (this) {
      if (!done) {
        cleanUp = action;
        return;
      }
    }
    action.run();
  }
}
