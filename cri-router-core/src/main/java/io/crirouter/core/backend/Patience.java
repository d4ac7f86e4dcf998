package io.crirouter.core.backend;

import io.crirouter.core.CriMethod;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether a call to several should wait for a backend. One that was too slow with an rpc several
 * times in a row is not waited for in that rpc any more until it has answered it; it is asked in
 * the background (see {@link ListLearning#refresh}). What it answers to other rpcs says nothing
 * about this one. Thread-safe.
 */
public final class Patience {
  private static final int MISSES = 3;

  private final Map<CriMethod, Integer> misses = new ConcurrentHashMap<>();

  /** Whether calls of this rpc should wait. */
  public boolean isLeft(CriMethod rpc) {
    return misses.getOrDefault(rpc, 0) < MISSES;
  }

  /** The backend let its time for this rpc pass. */
  public void missed(CriMethod rpc) {
    misses.merge(rpc, 1, Integer::sum);
  }

  /** The backend answered this rpc. */
  public void answered(CriMethod rpc) {
    misses.remove(rpc);
  }
}
