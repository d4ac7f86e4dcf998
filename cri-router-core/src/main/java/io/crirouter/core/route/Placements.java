package io.crirouter.core.route;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.PodView;
import io.crirouter.core.Scheduler;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.Backends;
import io.crirouter.core.route.PlacedPod.Sandbox;
import io.crirouter.core.state.Memory;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.WireMessage;
import io.crirouter.core.wire.WireWriter;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxState;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where pods were placed. A pod with a sandbox, or with one that may exist because its creation
 * ended without a definite answer, stays where the newest of these is, whatever the policy says
 * now: the kubelet retries with the same uid, and two sandboxes of one pod make it kill both.
 * Thread-safe; holds the {@value #MAX_PODS} pods that were used last.
 */
public final class Placements {
  /** Stamped on each pod by the kubelet, to the nanosecond; image calls carry it too. */
  private static final String SEEN_ANNOTATION = "kubernetes.io/config.seen";

  private static final int MAX_PODS = 4096;

  /**
   * A runtime may go on with a creation that nobody waits for any more. It is not given longer for
   * that than a kubelet would wait: after this time, a list without the pod settles that it has
   * none.
   */
  static final Duration DOUBT_LIMIT = Duration.ofMinutes(4);

  private static final System.Logger LOG = System.getLogger("io.crirouter");
  private static final int KEPT_UID = 1;
  private static final int KEPT_BACKEND = 2;
  private static final int KEPT_SEEN = 3;
  private static final int KEPT_SANDBOX = 4;

  private final Map<String, PlacedPod> byUid =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, PlacedPod> eldest) {
          if (size() <= MAX_PODS) {
            return false;
          }
          forgetSeen(eldest.getValue());
          return true;
        }
      };

  private final Map<String, String> uidBySeen = new HashMap<>();
  private final Memory memory;
  private final Scheduler scheduler;

  /** Where pods of these backends are; {@code memory} keeps it over a restart. */
  Placements(Backends backends, Memory memory, Scheduler scheduler) {
    this.memory = memory;
    this.scheduler = scheduler;
    ByteString remembered = memory.register("placements", this::remember);
    if (remembered != null) {
      restore(backends, remembered);
    }
  }

  /** The backend at which the pod is, or null if none is known. */
  public synchronized @Nullable Backend of(String uid) {
    PlacedPod pod = byUid.get(uid);
    PlacedPod settled = pod == null ? null : settle(pod);
    return settled == null ? null : settled.backend();
  }

  /** The backend of the pod that carries these annotations, or null if none is known. */
  public synchronized @Nullable Backend of(Map<String, String> annotations) {
    String uid = uidBySeen.get(annotations.getOrDefault(SEEN_ANNOTATION, ""));
    return uid == null ? null : of(uid);
  }

  /** The pod has a sandbox at {@code backend}. */
  synchronized void placed(PodView pod, Backend backend, String sandboxId) {
    String seen = pod.annotations().getOrDefault(SEEN_ANNOTATION, "");
    add(pod.uid(), seen, sandbox(backend, sandboxId));
  }

  /** The pod may have a sandbox at {@code backend}, or not. */
  synchronized void maybePlaced(PodView pod, Backend backend) {
    placed(pod, backend, "");
  }

  /**
   * A sandbox of {@code backend} is gone.
   *
   * @param named the id by which the client named it, which may be shortened: the runtime that
   *     removed it found one that begins so
   */
  synchronized void removed(Backend backend, String named) {
    String start = runtimesId(backend, named);
    if (start.isEmpty()) {
      return;
    }
    Set<String> known = new HashSet<>();
    for (PlacedPod pod : byUid.values()) {
      for (Sandbox sandbox : pod.sandboxes()) {
        if (sandbox.backend() == backend && sandbox.id().startsWith(start)) {
          known.add(sandbox.id());
        }
      }
    }
    if (known.contains(start)) {
      forget(backend, start);
    } else if (known.size() == 1) {
      forget(backend, known.iterator().next());
    }
  }

  /** The client may know the same sandbox with and without a prefix when a node changes over. */
  private static String runtimesId(Backend backend, String id) {
    boolean prefixed = !backend.isPrimary() && id.startsWith(backend.idPrefix());
    return prefixed ? id.substring(backend.idPrefix().length()) : id;
  }

  private void forget(Backend backend, String id) {
    for (PlacedPod pod : List.copyOf(byUid.values())) {
      replace(pod, pod.without(gone -> gone.backend() == backend && gone.id().equals(id)));
    }
  }

  /** A backend was removed: its pods may go elsewhere. */
  synchronized void forget(Backend backend) {
    for (PlacedPod pod : List.copyOf(byUid.values())) {
      replace(pod, pod.without(gone -> gone.backend() == backend));
    }
  }

  /** How many pods may be at {@code backend} because their creation ended without an answer. */
  synchronized int unconfirmed(Backend backend) {
    int count = 0;
    for (PlacedPod pod : List.copyOf(byUid.values())) {
      PlacedPod settled = settle(pod);
      if (settled != null
          && settled.sandboxes().stream()
              .anyMatch(sandbox -> sandbox.backend() == backend && sandbox.isUnconfirmed())) {
        count++;
      }
    }
    return count;
  }

  /** Ends what doubts can be ended by now; null if the pod turns out to have no sandbox. */
  private @Nullable PlacedPod settle(PlacedPod pod) {
    PlacedPod settled = pod.without(sandbox -> isDisproved(pod.uid(), sandbox));
    replace(pod, settled);
    return settled.sandboxes().isEmpty() ? null : settled;
  }

  private static boolean isDisproved(String uid, Sandbox sandbox) {
    try {
      return sandbox.isUnconfirmed()
          && sandbox
              .backend()
              .lastKnown()
              .hasNoSandboxOf(uid, sandbox.sinceNanos() + DOUBT_LIMIT.toNanos());
    } catch (MalformedMessageException e) {
      return false;
    }
  }

  private Sandbox sandbox(Backend backend, String id) {
    return new Sandbox(backend, runtimesId(backend, id), scheduler.nanoTime());
  }

  private void add(String uid, String seen, Sandbox sandbox) {
    if (uid.isEmpty() || sandbox.backend().isRemoved()) {
      return;
    }
    PlacedPod before = byUid.get(uid);
    PlacedPod pod = before == null ? new PlacedPod(uid, seen, List.of()) : before;
    replace(pod, pod.with(seen, sandbox));
  }

  private void replace(PlacedPod before, PlacedPod after) {
    if (before.equals(after)) {
      return;
    }
    forgetSeen(before);
    if (after.sandboxes().isEmpty()) {
      byUid.remove(after.uid());
    } else {
      byUid.put(after.uid(), after);
      if (!after.seen().isEmpty()) {
        uidBySeen.put(after.seen(), after.uid());
      }
    }
    memory.changed();
  }

  private void forgetSeen(PlacedPod pod) {
    uidBySeen.remove(pod.seen(), pod.uid());
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
        String id = sandbox.string(PodSandbox.ID_FIELD_NUMBER);
        if (ready && isNews(uid, backend, id)) {
          Map<String, String> annotations = sandbox.stringMap(PodSandbox.ANNOTATIONS_FIELD_NUMBER);
          String seen = annotations.getOrDefault(SEEN_ANNOTATION, "");
          add(uid, seen, sandbox(backend, id));
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

  /** Not known yet, or not known to have this sandbox. */
  private boolean isNews(String uid, Backend backend, String sandboxId) {
    PlacedPod known = byUid.get(uid);
    return known == null || (known.backend() == backend && !known.has(sandboxId));
  }

  /** One entry for each sandbox, those of a pod in their order. */
  private synchronized ByteString remember() {
    WireWriter state = new WireWriter();
    for (PlacedPod pod : byUid.values()) {
      for (Sandbox sandbox : pod.sandboxes()) {
        state.message(
            1,
            new WireWriter()
                .string(KEPT_UID, pod.uid())
                .string(KEPT_BACKEND, sandbox.backend().name().value())
                .string(KEPT_SEEN, pod.seen())
                .string(KEPT_SANDBOX, sandbox.id())
                .toByteString());
      }
    }
    return state.toByteString();
  }

  private synchronized void restore(Backends backends, ByteString remembered) {
    try {
      for (WireMessage kept : WireMessage.parse(remembered).messages(1)) {
        Backend backend = backends.find(BackendName.of(kept.string(KEPT_BACKEND)));
        if (backend != null) {
          String id = kept.string(KEPT_SANDBOX);
          add(kept.string(KEPT_UID), kept.string(KEPT_SEEN), sandbox(backend, id));
        }
      }
    } catch (MalformedMessageException | IllegalArgumentException e) {
      LOG.log(System.Logger.Level.ERROR, "where pods were placed is lost: {0}", e.getMessage());
    }
  }
}
