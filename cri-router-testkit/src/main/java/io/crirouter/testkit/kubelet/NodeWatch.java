package io.crirouter.testkit.kubelet;

import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.testkit.kubelet.Finding.Kind;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/** Whether the node is Ready: the runtime says so every five seconds, and relists succeed. */
final class NodeWatch {
  private static final Duration PERIOD = Duration.ofSeconds(5);
  private static final Duration LONGEST_WITHOUT_STATUS = Duration.ofSeconds(30);

  private final CriCalls calls;
  private final Cache cache;
  private final Ledger ledger;
  private final Supplier<Duration> longestWithoutRelist;
  private final long startedAt;
  private long lastReady;
  private boolean notReady;

  NodeWatch(CriCalls calls, Cache cache, Ledger ledger, Supplier<Duration> longestWithoutRelist) {
    this.calls = calls;
    this.cache = cache;
    this.ledger = ledger;
    this.longestWithoutRelist = longestWithoutRelist;
    startedAt = ledger.now();
    lastReady = startedAt;
  }

  void start() {
    ask();
    look();
  }

  private void ask() {
    var unused =
        calls
            .call("Status", StatusRequest.getDefaultInstance(), StatusResponse.parser())
            .whenComplete(
                (status, failure) -> {
                  calls.expectCallFailure(failure);
                  if (failure == null && isReady(status)) {
                    lastReady = ledger.now();
                  }
                  calls.later(PERIOD, this::ask);
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

  private void look() {
    Duration sinceReady = since(lastReady);
    Duration sinceRelist = since(Math.max(startedAt, cache.lastRelist()));
    boolean bad =
        sinceReady.compareTo(LONGEST_WITHOUT_STATUS) > 0
            || sinceRelist.compareTo(longestWithoutRelist.get()) > 0;
    if (bad && !notReady) {
      ledger.find(
          Kind.NODE_NOT_READY,
          "no ready runtime for " + sinceReady + ", no lists for " + sinceRelist);
    }
    notReady = bad;
    calls.later(PERIOD, this::look);
  }

  private Duration since(long moment) {
    return Duration.ofNanos(ledger.now() - moment);
  }

  boolean isReady() {
    return !notReady;
  }
}
