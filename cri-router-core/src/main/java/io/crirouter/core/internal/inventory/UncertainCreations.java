package io.crirouter.core.internal.inventory;

import io.crirouter.core.Scheduler;
import java.time.Duration;
import java.util.Collection;
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

  private final Changes changes;

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

  /**
   * @param changes takes what changes
   */
  UncertainCreations(Changes changes) {
    this.changes = changes;
  }

  /** Adds a creation that has ended now, see {@link Creation}. */
  void add(String uid, String seen, Scheduler scheduler, long number) {
    changes.note();
    byUid.remove(uid);
    long endedAt = Entries.nanos(scheduler.now());
    byUid.put(uid, new Creation(uid, seen, endedAt, scheduler.nanoTime(), number));
    if (byUid.size() > Limits.MAX_UNCERTAIN) {
      end(byUid.keySet().iterator().next());
    }
  }

  /** Removes the creation, because the pod has a sandbox; nothing if there is none. */
  void end(String uid) {
    if (byUid.remove(uid) != null) {
      changes.note();
    }
  }

  /**
   * Removes the creations that a complete list of sandboxes, requested at {@code nanos}, decides.
   *
   * @param isListed whether a pod is in the list
   */
  void settle(long nanos, Predicate<String> isListed) {
    boolean isAnyDecided =
        byUid
            .values()
            .removeIf(
                creation ->
                    isListed.test(creation.uid())
                        || nanos - creation.endedNanos() >= UNDECIDED_FOR.toNanos());
    if (isAnyDecided) {
      changes.note();
    }
  }

  void clear() {
    byUid.clear();
  }

  /** The uid of the pod with this {@link ConfigSeen}; empty if there is none. */
  String uidOfSeen(String seen) {
    for (Creation creation : byUid.values()) {
      if (creation.seen().equals(seen)) {
        return creation.uid();
      }
    }
    return "";
  }

  @Nullable Creation of(String uid) {
    return byUid.get(uid);
  }

  Collection<Creation> all() {
    return byUid.values();
  }
}
