package io.crirouter.core.internal.inventory;

import com.google.common.base.Ticker;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import java.util.Set;

/** The ids of objects that a runtime removed recently. Not thread-safe. */
final class RemovedIds {
  private final Cache<String, Removal> removals;

  /**
   * How it is known that an object was removed.
   *
   * @param number the sequence number of the response or event, or of the request for a list that
   *     lacks it
   * @param isCertain whether the runtime reported the removal; a list that lacks an object may have
   *     been made before the object
   */
  private record Removal(long number, boolean isCertain) {}

  RemovedIds(Ticker ticker) {
    removals =
        CacheBuilder.newBuilder()
            .concurrencyLevel(1)
            .maximumSize(Limits.MAX_REMOVED)
            .expireAfterWrite(Limits.REMOVED_LIFETIME)
            .ticker(ticker)
            .build();
  }

  void add(String id, long number, boolean isCertain) {
    removals.put(id, new Removal(number, isCertain));
  }

  /** It exists again, or never existed. */
  void forget(String id) {
    removals.invalidate(id);
  }

  boolean has(String id) {
    return removals.getIfPresent(id) != null;
  }

  /** Whether it was removed after the request {@code asked} was sent. */
  boolean hasSince(String id, long asked) {
    Removal removal = removals.getIfPresent(id);
    return removal != null && removal.number() >= asked;
  }

  /** The same, only by a removal that the runtime reported. */
  boolean hasCertainlySince(String id, long asked) {
    Removal removal = removals.getIfPresent(id);
    return removal != null && removal.isCertain() && removal.number() >= asked;
  }

  /** Whether an id that begins with {@code start} was removed after {@code asked} was sent. */
  boolean hasStartSince(String start, long asked) {
    return removals.asMap().entrySet().stream()
        .anyMatch(entry -> entry.getKey().startsWith(start) && entry.getValue().number() >= asked);
  }

  Set<String> all() {
    return removals.asMap().keySet();
  }
}
