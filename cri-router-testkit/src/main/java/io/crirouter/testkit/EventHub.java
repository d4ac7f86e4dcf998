package io.crirouter.testkit;

import io.crirouter.core.TypedBackend;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.grpc.SynchronizationContext;
import java.util.ArrayList;
import java.util.List;

/**
 * Delivers container events to subscribers. Events are queued while the lock of the state is held
 * and delivered in the same order after it is released, because a listener is foreign code. May be
 * used from any thread.
 */
final class EventHub {

  private final List<TypedBackend.Sink<ContainerEventResponse>> subscribers = new ArrayList<>();
  private final SynchronizationContext deliveries =
      new SynchronizationContext(
          (thread, failure) -> {
            throw new IllegalStateException("an event subscriber threw", failure);
          });
  private boolean muted;
  private long dropped;

  synchronized Runnable subscribe(TypedBackend.Sink<ContainerEventResponse> subscriber) {
    subscribers.add(subscriber);
    return () -> unsubscribe(subscriber);
  }

  private synchronized void unsubscribe(TypedBackend.Sink<ContainerEventResponse> subscriber) {
    subscribers.remove(subscriber);
  }

  /** Queues an event for the present subscribers. */
  synchronized void enqueue(ContainerEventResponse event) {
    if (!muted && !subscribers.isEmpty()) {
      List<TypedBackend.Sink<ContainerEventResponse>> receivers = List.copyOf(subscribers);
      deliveries.executeLater(() -> deliver(event, receivers));
    }
  }

  synchronized void mute(boolean value) {
    muted = value;
  }

  synchronized int subscribers() {
    return subscribers.size();
  }

  /** The number of events that did not fit into the buffer of a slow subscriber. */
  synchronized long dropped() {
    return dropped;
  }

  /** Delivers the queued events. The lock of the state must not be held. */
  void flush() {
    deliveries.drain();
  }

  private void deliver(
      ContainerEventResponse event, List<TypedBackend.Sink<ContainerEventResponse>> receivers) {
    for (TypedBackend.Sink<ContainerEventResponse> subscriber : receivers) {
      if (!subscriber.offer(event) && !subscriber.isOver()) {
        synchronized (this) {
          dropped++;
        }
      }
    }
  }
}
