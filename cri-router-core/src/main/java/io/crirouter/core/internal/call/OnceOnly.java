package io.crirouter.core.internal.call;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Passes on the first of several values and runs a clean-up then. Thread-safe. */
public final class OnceOnly<T> {
  /** Null once a value has come. */
  private @Nullable Consumer<T> consumer;

  private @Nullable Runnable cleanUp;

  /** Passes the first value to {@code consumer}. */
  public OnceOnly(Consumer<T> consumer) {
    this.consumer = consumer;
  }

  /** Whether a value has come. */
  public synchronized boolean isDone() {
    return consumer == null;
  }

  /** Whether {@code value} was the first. */
  public boolean accept(T value) {
    Consumer<T> first;
    Runnable after;
    synchronized (this) {
      first = consumer;
      after = cleanUp;
      consumer = null;
      cleanUp = null;
    }
    if (after != null) {
      after.run();
    }
    if (first != null) {
      first.accept(value);
    }
    return first != null;
  }

  /** Runs {@code action} when the first value arrives, at once if it has arrived. */
  public void then(Runnable action) {
    synchronized (this) {
      if (consumer != null) {
        cleanUp = action;
        return;
      }
    }
    action.run();
  }
}
