package io.crirouter.testkit.kubelet;

import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.Scheduler;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** One process of a kubelet, with its pod cache and all its loops. */
final class KubeletProcess {
  private static final Duration RELIST = Duration.ofSeconds(1);

  private static final Duration RELIST_THRESHOLD = Duration.ofMinutes(3);

  /** The relist period while the event stream is used. */
  private static final Duration EVENTED_RELIST = Duration.ofMinutes(5);

  private static final Duration EVENTED_RELIST_THRESHOLD = Duration.ofMinutes(10);

  private final CriCalls calls;
  private final RuntimeClient client;
  private final PodCache cache;
  private final Ledger ledger;
  private final NodeReadiness node;
  private final EventedPleg events;
  private final boolean evented;
  private final Map<String, PodWorker> workers = new LinkedHashMap<>();

  KubeletProcess(
      RuntimeBackend runtime,
      Scheduler time,
      Ledger ledger,
      boolean evented,
      Collection<DesiredPod> pods) {
    this.ledger = ledger;
    this.evented = evented;
    calls = new CriCalls(runtime, time);
    client = new RuntimeClient(calls, ledger);
    cache = new PodCache(calls, client, ledger, this::podChanged);
    events = new EventedPleg(calls, cache, ledger);
    node = new NodeReadiness(calls, cache, ledger, this::relistThreshold);
    calls.later(Duration.ZERO, () -> start(pods));
  }

  private void start(Collection<DesiredPod> pods) {
    relist();
    if (evented) {
      events.start();
    }
    node.start();
    pods.forEach(this::add);
    new Housekeeping(calls, client, this::isWanted).start();
    new ImageGc(calls, client, ledger).start();
  }

  private void relist() {
    cache.relist();
    calls.later(evented && events.areInUse() ? EVENTED_RELIST : RELIST, this::relist);
  }

  private Duration relistThreshold() {
    return evented && events.areInUse() ? EVENTED_RELIST_THRESHOLD : RELIST_THRESHOLD;
  }

  void add(DesiredPod pod) {
    if (pod.isGone() || workers.containsKey(pod.uid())) {
      return;
    }
    PodWorker worker = new PodWorker(pod, calls, client, cache, ledger);
    workers.put(pod.uid(), worker);
    for (PodSpec.ContainerSpec container : pod.spec().containers()) {
      if (!container.livenessProbe().isEmpty()) {
        var unused = new Prober(pod, container, calls, client, cache, ledger);
      }
    }
    worker.sync();
  }

  private boolean isWanted(String uid) {
    PodWorker worker = workers.get(uid);
    return worker != null && !worker.isDone();
  }

  void podChanged(String uid) {
    PodWorker worker = workers.get(uid);
    if (worker != null) {
      worker.sync();
    }
  }

  boolean isNodeReady() {
    return node.isReady();
  }

  void stop() {
    calls.stop();
  }
}
