package io.crirouter.core.route;

import io.crirouter.core.backend.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The sandboxes of one pod that exist, or may exist, the newest last. Immutable.
 *
 * @param uid the pod's uid
 * @param seen what the kubelet stamped it with; empty if that is not known
 * @param sandboxes at least one, and no more than {@value #MAX_SANDBOXES}
 */
record PlacedPod(String uid, String seen, List<Sandbox> sandboxes) {
  /** A pod has a new one each time it fails to start; old ones go by garbage collection. */
  static final int MAX_SANDBOXES = 16;

  /**
   * One of them.
   *
   * @param backend where it is
   * @param id its id as the runtime knows it; empty if it is not known to exist
   * @param sinceNanos when that became known: for one that may exist, when its creation ended
   */
  record Sandbox(Backend backend, String id, long sinceNanos) {
    /** Whether its creation ended without saying whether it exists. */
    boolean isUnconfirmed() {
      return id.isEmpty();
    }

    private boolean isReplacedBy(Sandbox newer) {
      return backend == newer.backend && (isUnconfirmed() || id.equals(newer.id));
    }
  }

  PlacedPod {
    sandboxes = List.copyOf(sandboxes);
  }

  /** The backend of the newest sandbox. */
  Backend backend() {
    return sandboxes.get(sandboxes.size() - 1).backend;
  }

  boolean has(String id) {
    return sandboxes.stream().anyMatch(sandbox -> sandbox.id.equals(id));
  }

  /** The same with a newer sandbox, which confirms one at the same backend that was in doubt. */
  PlacedPod with(String newSeen, Sandbox newer) {
    List<Sandbox> all = new ArrayList<>(sandboxes);
    all.removeIf(sandbox -> sandbox.isReplacedBy(newer));
    all.add(newer);
    int excess = Math.max(0, all.size() - MAX_SANDBOXES);
    return new PlacedPod(uid, newSeen.isEmpty() ? seen : newSeen, all.subList(excess, all.size()));
  }

  /** The same without some sandboxes. */
  PlacedPod without(Predicate<Sandbox> gone) {
    return sandboxes.stream().noneMatch(gone)
        ? this
        : new PlacedPod(uid, seen, sandboxes.stream().filter(gone.negate()).toList());
  }
}
