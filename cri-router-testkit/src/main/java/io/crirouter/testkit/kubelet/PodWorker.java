package io.crirouter.testkit.kubelet;

import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.testkit.kubelet.Finding.Kind;
import io.crirouter.testkit.kubelet.PodSpec.ContainerSpec;
import io.crirouter.testkit.kubelet.PodSpec.RestartPolicy;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Brings one pod to its desired state, one sync after the other. */
final class PodWorker {
  /** The kubelet's syncFrequency. */
  private static final Duration RESYNC = Duration.ofMinutes(1);

  private static final Duration BACK_OFF = Duration.ofSeconds(10);
  private static final Duration MAX_BACK_OFF = Duration.ofMinutes(5);
  private static final Duration CACHE_POLL = Duration.ofSeconds(1);

  private final DesiredPod pod;
  private final CriCalls calls;
  private final RuntimeClient client;
  private final PodCache cache;
  private final Ledger ledger;
  private final PodStart start;
  private final Map<String, Duration> restartDelay = new HashMap<>();
  private final Map<String, Long> notBefore = new HashMap<>();
  private long lastSync = Long.MIN_VALUE;
  private boolean syncing;
  private boolean syncAgain;

  PodWorker(DesiredPod pod, CriCalls calls, RuntimeClient client, PodCache cache, Ledger ledger) {
    this.pod = pod;
    this.calls = calls;
    this.client = client;
    this.cache = cache;
    this.ledger = ledger;
    this.start = new PodStart(pod, client, ledger);
    calls.later(RESYNC, this::resync);
  }

  private void resync() {
    sync();
    if (!pod.isGone()) {
      calls.later(RESYNC, this::resync);
    }
  }

  /** Whether the pod was deleted and is gone. */
  boolean isDone() {
    return pod.isGone();
  }

  /** Starts a sync. If one is running, another one follows it. */
  void sync() {
    if (pod.isGone()) {
      return;
    }
    if (syncing) {
      syncAgain = true;
      return;
    }
    syncing = true;
    syncOnNewCache();
  }

  /** Waits until the cache has the results of the last sync, so that none is done twice. */
  private void syncOnNewCache() {
    if (!cache.isNewerThan(pod.uid(), lastSync)) {
      calls.later(CACHE_POLL, this::syncOnNewCache);
      return;
    }
    PodState state = cache.state(pod.uid());
    var unused =
        (pod.isDeleted() ? delete(state) : run(state))
            .whenComplete((done, failure) -> end(failure));
  }

  private void end(@Nullable Throwable failure) {
    lastSync = ledger.now();
    syncing = false;
    calls.ignoreCallFailure(failure);
    if (failure != null) {
      calls.later(BACK_OFF, this::sync);
    } else if (syncAgain) {
      syncAgain = false;
      calls.later(Duration.ZERO, this::sync);
    }
  }

  private CompletableFuture<Void> run(PodState state) {
    updateFrom(state);
    if (pod.hasEnded()) {
      return killAll(state);
    }
    List<PodSandboxStatus> ready = state.ready();
    if (ready.size() == 1) {
      return startContainers(state, ready.get(0).getId());
    }
    return killAll(state)
        .thenCompose(done -> start.runSandbox(state.nextAttempt()))
        .thenCompose(id -> startContainers(PodState.EMPTY, id));
  }

  /** Updates the pod from the observed states of its containers. */
  private void updateFrom(PodState state) {
    for (ContainerSpec container : pod.spec().containers()) {
      Optional<ContainerStatus> latest = state.container(container.name());
      if (latest.isPresent()) {
        pod.seen(container.name(), latest.get());
      } else if (pod.hasRun(container.name()) && !state.equals(PodState.EMPTY)) {
        missing(container);
      }
    }
  }

  /** ContainerStatusUnknown of kubelets, with exit code 137. */
  private void missing(ContainerSpec container) {
    if (pod.spec().restartPolicy() != RestartPolicy.NEVER) {
      return;
    }
    pod.lost(container.name());
    ledger.find(
        Kind.FAILED_POD,
        pod.spec() + " has failed: its container " + container.name() + " could not be located");
  }

  private CompletableFuture<Void> killAll(PodState state) {
    CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
    for (ContainerStatus container : state.containers()) {
      if (container.getState() == ContainerState.CONTAINER_RUNNING) {
        all = all.thenCompose(done -> client.stop(container.getId())).thenAccept(done -> {});
      }
    }
    for (PodSandboxStatus sandbox : state.sandboxes()) {
      all = all.thenCompose(done -> client.stopSandbox(sandbox.getId())).thenAccept(done -> {});
    }
    return all;
  }

  private CompletableFuture<Void> startContainers(PodState state, String sandbox) {
    CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
    for (ContainerSpec container : pod.spec().containers()) {
      Optional<ContainerStatus> latest = state.container(container.name());
      if (isToStart(container, latest)) {
        int attempt = latest.map(last -> last.getMetadata().getAttempt() + 1).orElse(0);
        all = all.thenCompose(done -> start.startContainer(sandbox, container, attempt));
      }
    }
    return all;
  }

  private boolean isToStart(ContainerSpec container, Optional<ContainerStatus> latest) {
    if (latest.isEmpty()) {
      return true;
    }
    ContainerStatus status = latest.get();
    if (status.getState() != ContainerState.CONTAINER_EXITED) {
      return status.getState() == ContainerState.CONTAINER_CREATED;
    }
    boolean restarts =
        switch (pod.spec().restartPolicy()) {
          case ALWAYS -> true;
          case ON_FAILURE -> status.getExitCode() != 0;
          case NEVER -> false;
        };
    return restarts && isPastBackOff(container.name());
  }

  private boolean isPastBackOff(String container) {
    long now = ledger.now();
    Long earliest = notBefore.get(container);
    if (earliest != null && now < earliest) {
      calls.later(Duration.ofNanos(earliest - now), this::sync);
      return false;
    }
    Duration delay = restartDelay.getOrDefault(container, BACK_OFF);
    notBefore.put(container, now + delay.toNanos());
    Duration next = delay.multipliedBy(2);
    restartDelay.put(container, next.compareTo(MAX_BACK_OFF) > 0 ? MAX_BACK_OFF : next);
    return true;
  }

  /** Stops and removes everything, and checks that it is gone. */
  private CompletableFuture<Void> delete(PodState state) {
    CompletableFuture<Void> all = killAll(state);
    for (PodSandboxStatus sandbox : state.sandboxes()) {
      // A kubelet stops a sandbox two or three times, even after its removal.
      all = all.thenCompose(done -> client.stopSandbox(sandbox.getId())).thenAccept(done -> {});
    }
    for (ContainerStatus container : state.containers()) {
      all =
          all.thenCompose(done -> client.remove(container.getId()))
              .thenCompose(done -> RuntimeClient.orGone(client.containerStatus(container.getId())))
              .thenAccept(done -> {});
    }
    for (PodSandboxStatus sandbox : state.sandboxes()) {
      all = all.thenCompose(done -> client.removeSandbox(sandbox.getId())).thenAccept(done -> {});
    }
    return all.thenAccept(done -> endIfEmpty(state));
  }

  /**
   * Syncs again unless the state was empty: a call without a response may have created a sandbox.
   */
  private void endIfEmpty(PodState state) {
    if (state.isEmpty()) {
      pod.gone();
    } else {
      syncAgain = true;
    }
  }
}
