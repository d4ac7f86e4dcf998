package io.crirouter.core.internal.backend;

import io.crirouter.core.CriMethod;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How often in a row a backend has missed the budget of each rpc. After some misses calls to
 * several backends do not wait for it in that rpc any more: it is asked in the background until it
 * has answered. What it answers to other rpcs says nothing about this one. Thread-safe.
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
