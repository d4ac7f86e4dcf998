package io.crirouter.testkit.kubelet;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.Scheduler;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.testkit.kubelet.Finding.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The facts that responses have proved, such as created and removed containers, and the findings
 * that contradict them. It outlives restarts of the kubelet.
 */
final class Ledger {
  private final Scheduler time;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private final Set<String> reported = new HashSet<>();

  Ledger(Scheduler time) {
    this.time = time;
  }

  /** One sandbox or container. */
  static final class Entry {
    final String id;
    final String what;

    /** The id of the sandbox of a container; empty for a sandbox. */
    final String sandbox;

    final long createdAt;
    String imageId = "";
    boolean removalRequested;
    long removedAt = Long.MAX_VALUE;

    /** Whether it was observed not ready, or exited. */
    boolean ended;

    private Entry(String id, String what, String sandbox, long createdAt) {
      this.id = id;
      this.what = what;
      this.sandbox = sandbox;
      this.createdAt = createdAt;
    }
  }

  long now() {
    return time.nanoTime();
  }

  List<Finding> findings() {
    return List.copyOf(findings);
  }

  /** Adds a finding, the same one only once. */
  void find(Kind kind, String text) {
    if (reported.add(kind + text)) {
      findings.add(new Finding(kind, time.now(), text));
    }
  }

  /** Records a successful creation. */
  void created(String id, String what, String sandbox) {
    if (id.isEmpty()) {
      find(Kind.MALFORMED_ANSWER, what + " was created with an empty id");
      return;
    }
    entries.put(id, new Entry(id, what, sandbox, now()));
  }

  Optional<Entry> entry(String id) {
    return Optional.ofNullable(entries.get(id));
  }

  void removalRequested(String id) {
    withContents(id).forEach(entry -> entry.removalRequested = true);
  }

  void removed(String id) {
    withContents(id).forEach(entry -> entry.removedAt = Math.min(entry.removedAt, now()));
  }

  private List<Entry> withContents(String id) {
    return entries.values().stream()
        .filter(entry -> entry.id.equals(id) || entry.sandbox.equals(id))
        .toList();
  }

  /** Checks the failure of a call about a sandbox or container. */
  void failed(String rpc, String id, RpcStatus status) {
    Entry entry = entries.get(id);
    if (status.code() == Code.NOT_FOUND && entry != null && !entry.removalRequested) {
      find(Kind.NOT_FOUND, entry.what + " exists, but " + rpc + " of " + id + " is NOT_FOUND");
    }
  }

  /** Checks an observed state of a sandbox or container. */
  private void observed(String id, boolean alive) {
    Entry entry = entries.get(id);
    if (entry == null) {
      return;
    }
    if (alive && entry.ended && !entry.removalRequested) {
      find(Kind.STATE_WENT_BACK, entry.what + " (" + id + ") had ended, but is alive again");
    }
    entry.ended |= !alive;
  }

  void observedSandbox(String id, PodSandboxState state) {
    observed(id, state == PodSandboxState.SANDBOX_READY);
  }

  void observedContainer(String id, ContainerState state) {
    if (state != ContainerState.CONTAINER_UNKNOWN) {
      observed(id, state != ContainerState.CONTAINER_EXITED);
    }
  }

  /** Checks the two lists of a relist, which were requested after {@code askedAt}. */
  void listed(long askedAt, List<PodSandbox> sandboxes, List<Container> containers) {
    Set<String> ids = new HashSet<>();
    Map<String, String> ready = new HashMap<>();
    for (PodSandbox sandbox : sandboxes) {
      checkEntry(ids, sandbox.getId(), sandbox.hasMetadata(), askedAt, "ListPodSandbox");
      observedSandbox(sandbox.getId(), sandbox.getState());
      if (sandbox.getState() == PodSandboxState.SANDBOX_READY) {
        checkOnlyOne(ready, sandbox);
      }
    }
    for (Container container : containers) {
      checkEntry(ids, container.getId(), container.hasMetadata(), askedAt, "ListContainers");
      observedContainer(container.getId(), container.getState());
    }
    for (Container container : containers) {
      checkSandbox(container, ids, askedAt);
    }
    checkMissing(ids, askedAt);
  }

  private void checkEntry(Set<String> ids, String id, boolean named, long askedAt, String rpc) {
    if (id.isEmpty() || !named) {
      find(Kind.MALFORMED_ANSWER, rpc + " has an entry without id or metadata: '" + id + "'");
    }
    if (!ids.add(id)) {
      find(Kind.LISTED_TWICE, rpc + " has " + id + " twice");
    }
    Entry entry = entries.get(id);
    if (entry != null && entry.removedAt < askedAt) {
      find(Kind.RESURRECTED, entry.what + " was removed, but " + rpc + " has " + id);
    }
  }

  private void checkOnlyOne(Map<String, String> ready, PodSandbox sandbox) {
    String uid = sandbox.getMetadata().getUid();
    String other = ready.put(uid, sandbox.getId());
    if (other != null) {
      find(
          Kind.SECOND_READY_SANDBOX,
          "pod "
              + sandbox.getMetadata().getName()
              + " (uid "
              + uid
              + ") has two ready sandboxes, "
              + other
              + " and "
              + sandbox.getId());
    }
  }

  private void checkSandbox(Container container, Set<String> ids, long askedAt) {
    Entry sandbox = entries.get(container.getPodSandboxId());
    boolean justCreated = sandbox != null && sandbox.createdAt >= askedAt;
    boolean removing = sandbox != null && sandbox.removalRequested;
    if (!ids.contains(container.getPodSandboxId()) && !justCreated && !removing) {
      find(
          Kind.SANDBOX_MISSING,
          "container "
              + container.getId()
              + " is listed, but its sandbox "
              + container.getPodSandboxId()
              + " is not");
    }
  }

  private void checkMissing(Set<String> ids, long askedAt) {
    for (Entry entry : entries.values()) {
      if (entry.createdAt < askedAt && !entry.removalRequested && !ids.contains(entry.id)) {
        String list = entry.sandbox.isEmpty() ? "ListPodSandbox" : "ListContainers";
        find(Kind.VANISHED, entry.what + " exists, but " + entry.id + " is missing from " + list);
      }
    }
  }

  /** The existing containers of an image. */
  List<Entry> usersOf(String imageId) {
    return entries.values().stream()
        .filter(entry -> entry.imageId.equals(imageId) && !entry.removalRequested)
        .toList();
  }
}
