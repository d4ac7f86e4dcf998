package io.crirouter.core.internal.inventory;

import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The pods of which a runtime may have a sandbox, because the creation ended without a definite
 * answer. Not thread-safe.
 */
final class UncertainCreations {
  /**
   * A runtime may go on with a creation that nobody waits for any more. It is not given longer for
   * that than a kubelet would wait: a list that is asked for later and lacks the pod settles that
   * it has none.
   */
  static final Duration UNDECIDED_FOR = Duration.ofMinutes(4);

  /** Oldest first. */
  private final Map<String, Creation> byUid = new LinkedHashMap<>();

  /**
   * One of them.
   *
   * @param uid the pod's uid
   * @param seen when the kubelet first saw the pod (see {@link ConfigSeen}); empty if unknown
   * @param endedAt when the creation ended, in nanoseconds since 1970
   * @param endedNanos the same by the router's clock
   * @param number the number of the news
   */
  record Creation(String uid, String seen, long endedAt, long endedNanos, long number) {}

  void add(Creation creation) {
    byUid.remove(creation.uid());
    byUid.put(creation.uid(), creation);
    if (byUid.size() > Limits.MAX_UNCERTAIN) {
      Iterator<Creation> oldestFirst = byUid.values().iterator();
      oldestFirst.next();
      oldestFirst.remove();
    }
  }

  /** There is, or is known not to be, a sandbox of this pod; false if that was no question. */
  boolean end(String uid) {
    return byUid.remove(uid) != null;
  }

  /**
   * A complete list of sandboxes was asked for at {@code nanos}.
   *
   * @param isListed whether a pod is in it
   * @return whether any doubt has ended
   */
  boolean settle(long nanos, Predicate<String> isListed) {
    return byUid
        .values()
        .removeIf(
            creation ->
                isListed.test(creation.uid())
                    || nanos - creation.endedNanos() >= UNDECIDED_FOR.toNanos());
  }

  @Nullable Creation of(String uid) {
    return byUid.get(uid);
  }

  Collection<Creation> all() {
    return byUid.values();
  }
}
