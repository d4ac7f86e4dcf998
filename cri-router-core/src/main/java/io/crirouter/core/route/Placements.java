package io.crirouter.core.route;

import com.google.protobuf.ByteString;
import io.crirouter.core.PodView;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.Backends;
import io.crirouter.core.state.Memory;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.WireMessage;
import io.crirouter.core.wire.WireWriter;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxState;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
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

  private static final System.Logger LOG = System.getLogger("io.crirouter");
  private static final int KEPT_UID = 1;
  private static final int KEPT_BACKEND = 2;
  private static final int KEPT_SEEN = 3;
  private static final int KEPT_SANDBOX = 4;

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

  private final Memory memory;

  /** Where pods of these backends are; {@code memory} keeps it over a restart. */
  Placements(Backends backends, Memory memory) {
    this.memory = memory;
    ByteString remembered = memory.register("placements", this::remember);
    if (remembered != null) {
      restore(backends, remembered);
    }
  }

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
      memory.changed();
    }
  }

  private void put(PodView pod, Backend backend, @Nullable String sandboxId) {
    put(pod.uid(), new Placement(backend, pod.annotations().get(SEEN_ANNOTATION), sandboxId));
    memory.changed();
  }

  private void put(String uid, Placement placement) {
    if (uid.isEmpty() || placement.backend.isRemoved()) {
      return;
    }
    String sandboxId = placement.sandboxId;
    Placement before = byUid.put(uid, placement);
    if (before != null) {
      forget(before);
    }
    if (placement.seen != null) {
      bySeen.put(placement.seen, placement);
    }
    if (sandboxId != null) {
      uidBySandbox.put(sandboxId, uid);
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

  /** A backend was removed: its pods may go elsewhere. */
  synchronized void forget(Backend backend) {
    List<Placement> its =
        byUid.values().stream().filter(placement -> placement.backend == backend).toList();
    byUid.values().removeAll(its);
    its.forEach(this::forget);
    memory.changed();
  }

  /** How many pods may be at {@code backend} because their creation ended without an answer. */
  synchronized int unconfirmed(Backend backend) {
    return (int)
        byUid.values().stream()
            .filter(placement -> placement.backend == backend && placement.sandboxId == null)
            .count();
  }

  /** Pods that a backend had before the router knew it. */
  synchronized void learn(Backend backend) {
    try {
      for (WireMessage sandbox : backend.lastKnown().sandboxes()) {
        String uid =
            sandbox
                .message(PodSandbox.METADATA_FIELD_NUMBER)
                .string(PodSandboxMetadata.UID_FIELD_NUMBER);
        boolean ready =
            sandbox.number(PodSandbox.STATE_FIELD_NUMBER) == PodSandboxState.SANDBOX_READY_VALUE;
        String id = backend.translation().clientId(sandbox.string(PodSandbox.ID_FIELD_NUMBER));
        if (ready && isNews(uid, backend, id)) {
          String seen = sandbox.stringMap(PodSandbox.ANNOTATIONS_FIELD_NUMBER).get(SEEN_ANNOTATION);
          put(uid, new Placement(backend, seen, id));
        }
      }
    } catch (MalformedMessageException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "runtime {0} lists its pod sandboxes malformed: {1}",
          backend,
          e.getMessage());
    }
  }

  /** Not known yet, or by another id: the node may have changed over to other ids. */
  private boolean isNews(String uid, Backend backend, String sandboxId) {
    Placement known = byUid.get(uid);
    return known == null || (known.backend == backend && !sandboxId.equals(known.sandboxId));
  }

  private synchronized ByteString remember() {
    WireWriter state = new WireWriter();
    byUid.forEach(
        (uid, placement) ->
            state.message(
                1,
                new WireWriter()
                    .string(KEPT_UID, uid)
                    .string(KEPT_BACKEND, placement.backend.name().value())
                    .string(KEPT_SEEN, placement.seen == null ? "" : placement.seen)
                    .string(KEPT_SANDBOX, placement.sandboxId == null ? "" : placement.sandboxId)
                    .toByteString()));
    return state.toByteString();
  }

  private synchronized void restore(Backends backends, ByteString remembered) {
    try {
      for (WireMessage kept : WireMessage.parse(remembered).messages(1)) {
        String name = kept.string(KEPT_BACKEND);
        String seen = kept.string(KEPT_SEEN);
        String sandbox = kept.string(KEPT_SANDBOX);
        backends.all().stream()
            .filter(backend -> backend.name().value().equals(name))
            .findFirst()
            .ifPresent(
                backend ->
                    put(
                        kept.string(KEPT_UID),
                        new Placement(
                            backend,
                            seen.isEmpty() ? null : seen,
                            sandbox.isEmpty() ? null : sandbox)));
      }
    } catch (MalformedMessageException e) {
      LOG.log(System.Logger.Level.ERROR, "where pods were placed is lost: {0}", e.getMessage());
    }
  }
}
