package io.crirouter.core.internal.inventory;

import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The pods of which a runtime may have a sandbox, because its creation ended without a definite
 * answer. Not thread-safe.
 */
final class UncertainCreations {
  /**
   * A runtime may finish a creation after its call has ended. It gets as long for that as a kubelet
   * waits for a creation. A list that is requested later and lacks the pod shows that it has no
   * sandbox.
   */
  static final Duration UNDECIDED_FOR = Duration.ofMinutes(4);

  /** Oldest first. */
  private final Map<String, Creation> byUid = new LinkedHashMap<>();

  /**
   * One such creation.
   *
   * @param uid the pod's uid
   * @param seen when the kubelet first saw the pod (see {@link ConfigSeen}); empty if unknown
   * @param endedAt when the creation ended, in nanoseconds since 1970
   * @param endedNanos the same by the router's clock
   * @param number the sequence number of its end
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

  /** Removes the creation, because the pod has a sandbox; false if there is none. */
  boolean end(String uid) {
    return byUid.remove(uid) != null;
  }

  /**
   * Removes the creations that a complete list of sandboxes, requested at {@code nanos}, decides.
   *
   * @param isListed whether a pod is in the list
   * @return whether any was removed
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
