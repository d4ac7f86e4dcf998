package io.crirouter.core.internal.backend;

import io.crirouter.core.CriMethod;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts how often in a row a backend has missed the budget of each rpc. After three misses merged
 * calls of that rpc no longer wait for it, and it is queried in the background until it has
 * answered. Responses to other rpcs do not count. Thread-safe.
 */
public final class MissedBudgets {
  private static final int MAX_MISSES = 3;

  private final Map<CriMethod, Integer> misses = new ConcurrentHashMap<>();

  /** Whether calls of this rpc should wait for the backend. */
  public boolean mayWait(CriMethod rpc) {
    return misses.getOrDefault(rpc, 0) < MAX_MISSES;
  }

  /** The backend did not answer within the budget of this rpc. */
  void missed(CriMethod rpc) {
    misses.merge(rpc, 1, Integer::sum);
  }

  /** The backend answered this rpc. */
  public void answered(CriMethod rpc) {
    misses.remove(rpc);
  }
}
