package io.crirouter.testkit.kubelet;

import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The pod status cache of a kubelet, filled by relists and status calls, or by events. */
final class PodCache {
  /** The container label with the uid of the pod. */
  static final String UID = "io.kubernetes.pod.uid";

  private final CriCalls calls;
  private final RuntimeClient client;
  private final Ledger ledger;
  private final Consumer<String> onChange;
  private final Map<String, PodState> states = new HashMap<>();
  private final Map<String, Set<String>> listed = new HashMap<>();
  private final Set<String> toInspect = new HashSet<>();
  private long lastRelist = Long.MIN_VALUE;
  private long eventsUpTo = Long.MIN_VALUE;
  private boolean relisting;
  private boolean relistAgain;

  PodCache(CriCalls calls, RuntimeClient client, Ledger ledger, Consumer<String> onChange) {
    this.calls = calls;
    this.client = client;
    this.ledger = ledger;
    this.onChange = onChange;
  }

  PodState state(String uid) {
    return states.getOrDefault(uid, PodState.EMPTY);
  }

  /** The start of the last successful relist; {@link Long#MIN_VALUE} before the first. */
  long lastRelist() {
    return lastRelist;
  }

  /** Whether the state of this pod was observed after {@code moment}. */
  boolean isNewerThan(String uid, long moment) {
    return lastRelist != Long.MIN_VALUE
        && Math.max(lastRelist, eventsUpTo) > moment
        && !toInspect.contains(uid);
  }

  /** Marks the states as current: all changes so far were reported by events. */
  void markUpToDate() {
    eventsUpTo = ledger.now();
  }

  /**
   * Lists sandboxes and containers, and gets the statuses of pods that differ from the last lists.
   */
  void relist() {
    if (relisting) {
      relistAgain = true;
      return;
    }
    relisting = true;
    long askedAt = ledger.now();
    var unused =
        client
            .listAll((sandboxes, containers) -> compare(askedAt, sandboxes, containers))
            .whenComplete(
                (done, failure) -> {
                  relisting = false;
                  calls.ignoreCallFailure(failure);
                  if (relistAgain) {
                    relistAgain = false;
                    calls.later(Duration.ZERO, this::relist);
                  }
                });
  }

  private CompletableFuture<Void> compare(
      long askedAt, List<PodSandbox> sandboxes, List<Container> containers) {
    ledger.listed(askedAt, sandboxes, containers);
    lastRelist = askedAt;
    Map<String, Set<String>> now = new HashMap<>();
    Map<String, List<String>> sandboxesOf = new HashMap<>();
    Map<String, List<String>> containersOf = new HashMap<>();
    for (PodSandbox sandbox : sandboxes) {
      String uid = sandbox.getMetadata().getUid();
      add(now, uid, sandbox.getId() + sandbox.getState());
      sandboxesOf.computeIfAbsent(uid, key -> new ArrayList<>()).add(sandbox.getId());
    }
    for (Container container : containers) {
      String uid = container.getLabelsOrDefault(UID, "");
      add(now, uid, container.getId() + container.getState());
      containersOf.computeIfAbsent(uid, key -> new ArrayList<>()).add(container.getId());
    }
    Set<String> changed = new TreeSet<>(toInspect);
    now.forEach(
        (uid, was) -> {
          if (!was.equals(listed.get(uid))) {
            changed.add(uid);
          }
        });
    listed.keySet().stream().filter(uid -> !now.containsKey(uid)).forEach(changed::add);
    // Pods known only from events.
    states.forEach(
        (uid, state) -> {
          if (!state.isEmpty() && !now.containsKey(uid)) {
            changed.add(uid);
          }
        });
    toInspect.addAll(changed);
    listed.clear();
    listed.putAll(now);
    CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
    for (String uid : changed) {
      all =
          all.thenCompose(
              done ->
                  inspect(
                      uid,
                      sandboxesOf.getOrDefault(uid, List.of()),
                      containersOf.getOrDefault(uid, List.of())));
    }
    return all;
  }

  private static void add(Map<String, Set<String>> map, String uid, String what) {
    var unused = map.computeIfAbsent(uid, key -> new HashSet<>()).add(what);
  }

  /** Gets the statuses of a pod. If one fails, the old state stays and the next relist retries. */
  private CompletableFuture<Void> inspect(
      String uid, List<String> sandboxes, List<String> containers) {
    long askedAt = ledger.now();
    List<PodSandboxStatus> ofSandboxes = new ArrayList<>();
    List<ContainerStatus> ofContainers = new ArrayList<>();
    CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
    for (String id : sandboxes) {
      all = all.thenCompose(done -> client.sandboxStatus(id)).thenAccept(ofSandboxes::add);
    }
    for (String id : containers) {
      all = all.thenCompose(done -> client.containerStatus(id)).thenAccept(ofContainers::add);
    }
    return all.handle(
        (done, failure) -> {
          if (failure == null) {
            toInspect.remove(uid);
            put(uid, new PodState(Duration.ofNanos(askedAt), ofSandboxes, ofContainers));
          }
          calls.ignoreCallFailure(failure);
          return null;
        });
  }

  /** Takes the state of an event, unless a newer one is known. */
  void observed(String uid, PodState state) {
    state
        .sandboxes()
        .forEach(sandbox -> ledger.observedSandbox(sandbox.getId(), sandbox.getState()));
    state
        .containers()
        .forEach(container -> ledger.observedContainer(container.getId(), container.getState()));
    toInspect.remove(uid);
    put(uid, state);
  }

  private void put(String uid, PodState state) {
    if (state.at().compareTo(state(uid).at()) >= 0) {
      states.put(uid, state);
      calls.later(Duration.ZERO, () -> onChange.accept(uid));
    }
  }
}
