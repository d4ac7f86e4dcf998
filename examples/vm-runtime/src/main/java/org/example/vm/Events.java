package org.example.vm;

import io.crirouter.core.TypedBackend;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.GetEventsRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Publishes the events of pods and containers to subscribers, in order. Thread-safe. */
final class Events {
  private final List<TypedBackend.Sink<ContainerEventResponse>> subscribers =
      new CopyOnWriteArrayList<>();
  private final Executor executor;

  /**
   * @param executor runs tasks one after the other on another thread, because publishers hold locks
   */
  Events(Executor executor) {
    this.executor = executor;
  }

  Runnable subscribe(
      GetEventsRequest request, TypedBackend.Sink<ContainerEventResponse> subscriber) {
    subscribers.add(subscriber);
    return () -> subscribers.remove(subscriber);
  }

  /** Publishes an event with the present status of the pod. */
  void publish(ContainerEventType type, String id, Pod pod) {
    ContainerEventResponse event =
        ContainerEventResponse.newBuilder()
            .setContainerId(id)
            .setContainerEventType(type)
            .setCreatedAt(Clocks.nanos())
            .setPodSandboxStatus(pod.status())
            .addAllContainersStatuses(
                pod.eachContainer().stream().map(VmContainer::status).toList())
            .build();
    try {
      executor.execute(() -> subscribers.forEach(subscriber -> subscriber.offer(event)));
    } catch (RejectedExecutionException e) {
      // The runtime is closing, which ends the streams.
    }
  }
}
