package io.crirouter.core.backend;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whether lists should wait for a backend. One that was too slow several times in a row is not
 * waited for any more until it has answered something; it is asked in the background (see {@link
 * ListLearning#refresh}). Thread-safe.
 */
public final class Patience {
  private static final int MISSES = 3;

  private final AtomicInteger misses = new AtomicInteger();

  /** Whether lists should wait. */
  public boolean isLeft() {
    return misses.get() < MISSES;
  }

  /** The backend let its time pass. */
  public void missed() {
    misses.incrementAndGet();
  }

  /** The backend answered, be it late. */
  public void answered() {
    misses.set(0);
  }
}
