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
 * The evented PLEG. If its event stream breaks, it relists and subscribes again. After five broken
 * streams it gives up until the kubelet restarts.
 */
final class EventedPleg {
  private static final int MAX_BREAKS = 5;
  private static final Duration RESUBSCRIBE_DELAY = Duration.ofSeconds(1);

  /** The kubelet's globalCacheUpdatePeriod. */
  private static final Duration CACHE_UPDATE = Duration.ofSeconds(5);

  private final CriCalls calls;
  private final PodCache cache;
  private final Ledger ledger;
  private int breaks;
  private boolean broken;

  EventedPleg(CriCalls calls, PodCache cache, Ledger ledger) {
    this.calls = calls;
    this.cache = cache;
    this.ledger = ledger;
  }

  boolean areInUse() {
    return breaks < MAX_BREAKS;
  }

  void start() {
    subscribe();
    updateCache();
  }

  /** While the stream is open, the states without events are current. */
  private void updateCache() {
    if (!broken) {
      cache.markUpToDate();
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
      calls.later(RESUBSCRIBE_DELAY, this::subscribe);
    } else {
      ledger.find(
          Kind.EVENTS_GIVEN_UP, breaks + " streams of events have broken, the last: " + status);
    }
  }

  /** Takes the state of an event. An event without the state of the pod causes a relist. */
  private void event(ByteString message) {
    try {
      ContainerEventResponse event = ContainerEventResponse.parseFrom(message);
      if (!event.hasPodSandboxStatus()) {
        cache.relist();
        return;
      }
      cache.observed(
          event.getPodSandboxStatus().getMetadata().getUid(),
          new PodState(
              Duration.ofNanos(ledger.now()),
              List.of(event.getPodSandboxStatus()),
              event.getContainersStatusesList()));
    } catch (InvalidProtocolBufferException e) {
      ledger.find(Kind.MALFORMED_ANSWER, "malformed event: " + e.getMessage());
    }
  }
}
