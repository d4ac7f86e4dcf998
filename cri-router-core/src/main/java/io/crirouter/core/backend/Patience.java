package io.crirouter.core.backend;

import io.crirouter.core.CriMethod;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whether lists should wait for a backend. One that was too slow several times in a row is not
 * waited for any more until it has answered something; it is asked in the background, one call of a
 * kind at a time, so that calls do not pile up at a runtime that hangs. Thread-safe.
 */
public final class Patience {
  private static final int MISSES = 3;

  private final AtomicInteger misses = new AtomicInteger();
  private final Set<CriMethod> underWay = ConcurrentHashMap.newKeySet();

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

  /** Whether a question in the background may start now; {@link #end} reports that it is over. */
  boolean begin(CriMethod method) {
    return underWay.add(method);
  }

  /** A question in the background is over. */
  void end(CriMethod method) {
    underWay.remove(method);
  }
}
