package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.testkit.ResponseStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** GetContainerEvents, which the evented PLEG uses. */
final class EventRules {
  private static final Duration EVENT_TIMEOUT = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofMillis(10);

  private EventRules() {}

  static List<Rule> all() {
    Rule.Area area = new Rule.Area();
    area.add(
        "the lifecycle events of a container are in order", EventRules::lifecycle, Feature.EVENTS);
    area.add("an event has the state of the pod after it", EventRules::state, Feature.EVENTS);
    area.add("a client can subscribe again", EventRules::again, Feature.EVENTS);
    return area.rules();
  }

  /** Subscribes, and creates pods until an event proves that the subscription is active. */
  private static ResponseStream<ContainerEventResponse> subscribe(RuleCalls calls) {
    ResponseStream<ContainerEventResponse> events = calls.client().events();
    long deadline = System.nanoTime() + calls.timeout().toNanos();
    try {
      while (true) {
        String pod = calls.run();
        boolean received = poll(events, pod, EVENT_TIMEOUT).isPresent();
        calls.stopPod(pod);
        calls.removePod(pod);
        if (received) {
          return events;
        }
        assertTrue(System.nanoTime() - deadline < 0, "no event was received");
      }
    } catch (RuntimeException | Error e) {
      events.close();
      throw e;
    }
  }

  /** The next event of a sandbox or container; empty if none arrives in time. */
  private static Optional<ContainerEventResponse> poll(
      ResponseStream<ContainerEventResponse> events, String id, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() - deadline < 0) {
      Optional<ContainerEventResponse> event = events.poll();
      if (event.isPresent() && event.get().getContainerId().equals(id)) {
        return event;
      }
      if (event.isEmpty()) {
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
    return Optional.empty();
  }

  private static ContainerEventResponse next(
      RuleCalls calls,
      ResponseStream<ContainerEventResponse> events,
      String id,
      ContainerEventType type) {
    ContainerEventResponse event =
        poll(events, id, calls.timeout())
            .orElseThrow(() -> new AssertionError("no " + type + " event of " + id));
    assertEquals(type, event.getContainerEventType(), () -> "the next event of " + id);
    assertTrue(event.getCreatedAt() > 0, "no timestamp");
    return event;
  }

  private static void lifecycle(RuleCalls calls) {
    PodSandboxConfig config = calls.podConfig();
    try (ResponseStream<ContainerEventResponse> events = subscribe(calls)) {
      String pod = calls.run(config);
      String container = calls.create(pod, config, calls.containerConfig("main"));
      calls.start(container);
      calls.stop(container, 0);
      calls.remove(container);
      for (ContainerEventType type :
          List.of(
              ContainerEventType.CONTAINER_CREATED_EVENT,
              ContainerEventType.CONTAINER_STARTED_EVENT,
              ContainerEventType.CONTAINER_STOPPED_EVENT,
              ContainerEventType.CONTAINER_DELETED_EVENT)) {
        var unused = next(calls, events, container, type);
      }
    }
  }

  private static void state(RuleCalls calls) {
    PodSandboxConfig config = calls.podConfig();
    try (ResponseStream<ContainerEventResponse> events = subscribe(calls)) {
      String pod = calls.run(config);
      String container = calls.create(pod, config, calls.containerConfig("main"));
      ContainerEventResponse created =
          next(calls, events, container, ContainerEventType.CONTAINER_CREATED_EVENT);
      assertEquals(pod, created.getPodSandboxStatus().getId());
      assertEquals(config.getMetadata(), created.getPodSandboxStatus().getMetadata());
      assertTrue(
          created.getContainersStatusesList().stream()
              .anyMatch(status -> status.getId().equals(container)),
          "the container is not among the statuses");
    }
  }

  private static void again(RuleCalls calls) {
    subscribe(calls).close();
    subscribe(calls).close();
  }
}
