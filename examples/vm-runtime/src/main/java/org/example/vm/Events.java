package org.example.vm;

import io.crirouter.core.TypedBackend;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.GetEventsRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Tells subscribers what happens to pods and containers, in order. */
final class Events {
  private final List<TypedBackend.Sink<ContainerEventResponse>> subscribers =
      new CopyOnWriteArrayList<>();
  private final Executor inOrder;

  /**
   * Nobody listens yet.
   *
   * @param inOrder runs one task after the other, and not on the thread that gives it: subscribers
   *     are foreign, and locks are held where events are told
   */
  Events(Executor inOrder) {
    this.inOrder = inOrder;
  }

  Runnable subscribe(
      GetEventsRequest request, TypedBackend.Sink<ContainerEventResponse> subscriber) {
    subscribers.add(subscriber);
    return () -> subscribers.remove(subscriber);
  }

  /** Tells an event, with what has become of the pod by it. */
  void tell(ContainerEventType type, String id, Pod pod) {
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
      inOrder.execute(() -> subscribers.forEach(one -> one.offer(event)));
    } catch (RejectedExecutionException e) {
      // The runtime ends, and with it the streams.
    }
  }
}
