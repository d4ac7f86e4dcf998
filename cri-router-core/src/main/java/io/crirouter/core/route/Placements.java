package io.crirouter.core.route;

import io.crirouter.core.PodView;
import io.crirouter.core.backend.Backend;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where pods were placed. A pod whose sandbox exists, or may exist because its creation ended
 * without a definite answer, stays where it is whatever the policy says now: the kubelet retries
 * with the same uid, and two sandboxes of one pod make it kill both. Thread-safe; holds the {@value
 * #MAX_PODS} pods that were used last.
 */
public final class Placements {
  /** Stamped on each pod by the kubelet, to the nanosecond; image calls carry it too. */
  private static final String SEEN_ANNOTATION = "kubernetes.io/config.seen";

  private static final int MAX_PODS = 4096;

  private final Map<String, Placement> byUid =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Placement> eldest) {
          if (size() <= MAX_PODS) {
            return false;
          }
          forget(eldest.getValue());
          return true;
        }
      };

  private final Map<String, Placement> bySeen = new HashMap<>();
  private final Map<String, String> uidBySandbox = new HashMap<>();

  private record Placement(Backend backend, @Nullable String seen, @Nullable String sandboxId) {}

  /** The backend at which the pod is, or null if none is known. */
  public synchronized @Nullable Backend of(String uid) {
    Placement placement = uid.isEmpty() ? null : byUid.get(uid);
    return placement == null ? null : placement.backend;
  }

  /** The backend of the pod that carries these annotations, or null if none is known. */
  public synchronized @Nullable Backend of(Map<String, String> annotations) {
    Placement placement = bySeen.get(annotations.getOrDefault(SEEN_ANNOTATION, ""));
    return placement == null ? null : placement.backend;
  }

  /** The pod has a sandbox at {@code backend}. */
  synchronized void placed(PodView pod, Backend backend, String sandboxId) {
    put(pod, backend, sandboxId);
  }

  /** The pod may have a sandbox at {@code backend}, or not. */
  synchronized void maybePlaced(PodView pod, Backend backend) {
    put(pod, backend, null);
  }

  /** The sandbox with the client's id {@code sandboxId} is gone. */
  synchronized void removed(String sandboxId) {
    String uid = uidBySandbox.remove(sandboxId);
    Placement placement = uid == null ? null : byUid.get(uid);
    if (placement != null && sandboxId.equals(placement.sandboxId)) {
      byUid.remove(uid);
      forget(placement);
    }
  }

  private void put(PodView pod, Backend backend, @Nullable String sandboxId) {
    if (pod.uid().isEmpty()) {
      return;
    }
    Placement placement = new Placement(backend, pod.annotations().get(SEEN_ANNOTATION), sandboxId);
    Placement before = byUid.put(pod.uid(), placement);
    if (before != null) {
      forget(before);
    }
    if (placement.seen != null) {
      bySeen.put(placement.seen, placement);
    }
    if (sandboxId != null) {
      uidBySandbox.put(sandboxId, pod.uid());
    }
  }

  private void forget(Placement placement) {
    if (placement.seen != null) {
      bySeen.remove(placement.seen, placement);
    }
    if (placement.sandboxId != null) {
      uidBySandbox.remove(placement.sandboxId);
    }
  }
}
