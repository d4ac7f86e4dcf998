package io.crirouter.core.internal.call;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Passes on the first of several values and runs a clean-up then. Thread-safe. */
public final class OnceOnly<T> {
  private final Consumer<T> consumer;
  private boolean done;
  private @Nullable Runnable cleanUp;

  /** Passes the first value to {@code consumer}. */
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

  /** Runs {@code action} when the first value arrives, at once if it has arrived. */
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
