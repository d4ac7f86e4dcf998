package io.crirouter.testkit.kubelet;

import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.testkit.kubelet.Finding.Kind;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** The Ready condition of the node: Status reports it every five seconds, and relists succeed. */
final class NodeReadiness {
  private static final Duration PERIOD = Duration.ofSeconds(5);
  private static final Duration MAX_TIME_WITHOUT_STATUS = Duration.ofSeconds(30);

  private final CriCalls calls;
  private final PodCache cache;
  private final Ledger ledger;
  private final Supplier<Duration> maxTimeWithoutRelist;
  private final long startedAt;
  private long lastReady;
  private boolean notReady;

  NodeReadiness(
      CriCalls calls, PodCache cache, Ledger ledger, Supplier<Duration> maxTimeWithoutRelist) {
    this.calls = calls;
    this.cache = cache;
    this.ledger = ledger;
    this.maxTimeWithoutRelist = maxTimeWithoutRelist;
    startedAt = ledger.now();
    lastReady = startedAt;
  }

  void start() {
    pollStatus();
    evaluate();
  }

  private void pollStatus() {
    var unused =
        calls
            .call("Status", StatusRequest.getDefaultInstance(), StatusResponse.parser())
            .whenComplete(
                (status, failure) -> {
                  calls.ignoreCallFailure(failure);
                  if (failure == null && isReady(status)) {
                    lastReady = ledger.now();
                  }
                  calls.later(PERIOD, this::pollStatus);
                });
  }

  private static boolean isReady(StatusResponse status) {
    List<String> ready =
        status.getStatus().getConditionsList().stream()
            .filter(RuntimeCondition::getStatus)
            .map(RuntimeCondition::getType)
            .toList();
    return ready.containsAll(List.of("RuntimeReady", "NetworkReady"));
  }

  private void evaluate() {
    Duration sinceReady = since(lastReady);
    Duration sinceRelist = since(Math.max(startedAt, cache.lastRelist()));
    boolean bad =
        sinceReady.compareTo(MAX_TIME_WITHOUT_STATUS) > 0
            || sinceRelist.compareTo(maxTimeWithoutRelist.get()) > 0;
    if (bad && !notReady) {
      ledger.find(
          Kind.NODE_NOT_READY,
          "no ready runtime for " + sinceReady + ", no lists for " + sinceRelist);
    }
    notReady = bad;
    calls.later(PERIOD, this::evaluate);
  }

  private Duration since(long moment) {
    return Duration.ofNanos(ledger.now() - moment);
  }

  boolean isReady() {
    return !notReady;
  }
}
