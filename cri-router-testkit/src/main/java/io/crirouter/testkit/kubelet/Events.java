package io.crirouter.testkit.kubelet;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.GetEventsRequest;
import io.crirouter.testkit.kubelet.Finding.Kind;
import java.time.Duration;
import java.util.List;

/**
 * The evented PLEG: one stream of events for as long as it lasts. A broken one is followed by a
 * relist and another; after five it is given up until the kubelet restarts.
 */
final class Events {
  private static final int MOST_BREAKS = 5;
  private static final Duration BEFORE_NEXT = Duration.ofSeconds(1);

  /** The kubelet's globalCacheUpdatePeriod. */
  private static final Duration CACHE_UPDATE = Duration.ofSeconds(5);

  private final CriCalls calls;
  private final Cache cache;
  private final Ledger ledger;
  private int breaks;
  private boolean broken;

  Events(CriCalls calls, Cache cache, Ledger ledger) {
    this.calls = calls;
    this.cache = cache;
    this.ledger = ledger;
  }

  boolean areInUse() {
    return breaks < MOST_BREAKS;
  }

  void start() {
    subscribe();
    updateCache();
  }

  /** While the stream lasts, no news is good news. */
  private void updateCache() {
    if (!broken) {
      cache.isUpToDate();
    }
    calls.later(CACHE_UPDATE, this::updateCache);
  }

  private void subscribe() {
    broken = false;
    calls.stream(
        "GetContainerEvents", GetEventsRequest.getDefaultInstance(), this::event, this::broken);
  }

  private void broken(RpcStatus status) {
    breaks++;
    broken = true;
    cache.relist();
    if (areInUse()) {
      calls.later(BEFORE_NEXT, this::subscribe);
    } else {
      ledger.find(
          Kind.EVENTS_GIVEN_UP, breaks + " streams of events have broken, the last: " + status);
    }
  }

  /** Events without the state of the pod are ignored, but tell that there is something to see. */
  private void event(ByteString message) {
    try {
      ContainerEventResponse event = ContainerEventResponse.parseFrom(message);
      if (!event.hasPodSandboxStatus()) {
        cache.relist();
        return;
      }
      cache.told(
          event.getPodSandboxStatus().getMetadata().getUid(),
          new PodState(
              Duration.ofNanos(ledger.now()),
              List.of(event.getPodSandboxStatus()),
              event.getContainersStatusesList()));
    } catch (InvalidProtocolBufferException e) {
      ledger.find(Kind.MALFORMED_ANSWER, "an event cannot be read: " + e.getMessage());
    }
  }
}
