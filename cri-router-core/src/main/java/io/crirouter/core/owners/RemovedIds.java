package io.crirouter.core.owners;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The ids that one backend had: a kubelet asks for the status of what it removed, stops it once
 * more, and must hear it from the runtime that had it. Kept for a while and only so many. Not
 * thread-safe.
 */
final class RemovedIds {
  static final Duration KEPT_FOR = Duration.ofMinutes(5);
  static final int MAX_IDS = 10_000;

  /** Oldest first. */
  private final Map<String, Removed> byId = new LinkedHashMap<>();

  private record Removed(long number, long atNanos) {}

  /** {@code id} was gone when the news with this number came. */
  void add(String id, long number, long nowNanos) {
    byId.remove(id);
    byId.put(id, new Removed(number, nowNanos));
    if (byId.size() > MAX_IDS) {
      byId.remove(byId.keySet().iterator().next());
    }
  }

  boolean has(String id) {
    return byId.containsKey(id);
  }

  /**
   * Whether a list with this id in it shows that it is there after all, or again: then it is
   * forgotten here. A list that was asked for before the removal shows nothing.
   */
  boolean isRefutedBy(String id, long asked) {
    Removed removed = byId.get(id);
    if (removed == null || removed.number < asked) {
      byId.remove(id);
      return true;
    }
    return false;
  }

  void expire(long nowNanos) {
    Iterator<Removed> oldestFirst = byId.values().iterator();
    while (oldestFirst.hasNext() && nowNanos - oldestFirst.next().atNanos >= KEPT_FOR.toNanos()) {
      oldestFirst.remove();
    }
  }

  /** All of them, oldest first. */
  Set<String> all() {
    return byId.keySet();
  }
}
