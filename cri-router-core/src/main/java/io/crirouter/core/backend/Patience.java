package io.crirouter.core.backend;

import io.crirouter.core.CriMethod;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether a list should wait for a backend. One that was too slow with it several times in a row is
 * not waited for any more until it has answered it; it is asked in the background (see {@link
 * ListLearning#refresh}). What it answers to other lists says nothing about this one. Thread-safe.
 */
public final class Patience {
  private static final int MISSES = 3;

  private final Map<CriMethod, Integer> misses = new ConcurrentHashMap<>();

  /** Whether this list should wait. */
  public boolean isLeft(CriMethod list) {
    return misses.getOrDefault(list, 0) < MISSES;
  }

  /** The backend let its time for this list pass. */
  public void missed(CriMethod list) {
    misses.merge(list, 1, Integer::sum);
  }

  /** The backend answered this list, be it late. */
  public void answered(CriMethod list) {
    misses.remove(list);
  }
}
