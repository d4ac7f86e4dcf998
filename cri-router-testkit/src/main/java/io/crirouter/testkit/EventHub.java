package io.crirouter.testkit;

import io.crirouter.core.TypedBackend;
import io.crirouter.proto.v1.ContainerEventResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Container events on their way to subscribers. They are noted while the state's lock is held and
 * told after it is released, in the same order: a listener is foreign code. May be used from any
 * thread.
 */
final class EventHub {
  private record Telling(
      ContainerEventResponse event, List<TypedBackend.Sink<ContainerEventResponse>> subscribers) {}

  private final List<TypedBackend.Sink<ContainerEventResponse>> subscribers = new ArrayList<>();
  private final Deque<Telling> outbox = new ArrayDeque<>();
  private boolean telling;
  private boolean muted;
  private long dropped;

  synchronized Runnable subscribe(TypedBackend.Sink<ContainerEventResponse> subscriber) {
    subscribers.add(subscriber);
    return () -> unsubscribe(subscriber);
  }

  private synchronized void unsubscribe(TypedBackend.Sink<ContainerEventResponse> subscriber) {
    subscribers.remove(subscriber);
  }

  /** Notes an event for those who listen now. */
  synchronized void note(ContainerEventResponse event) {
    if (!muted && !subscribers.isEmpty()) {
      outbox.add(new Telling(event, List.copyOf(subscribers)));
    }
  }

  synchronized void mute(boolean value) {
    muted = value;
  }

  synchronized int subscribers() {
    return subscribers.size();
  }

  /** How many events did not fit into the buffer of a slow subscriber. */
  synchronized long dropped() {
    return dropped;
  }

  /** Tells what was noted. The state's lock must not be held. */
  void flush() {
    synchronized (this) {
      if (telling) {
        return;
      }
      telling = true;
    }
    for (Telling next = take(); next != null; next = take()) {
      tell(next);
    }
  }

  private synchronized @Nullable Telling take() {
    Telling next = outbox.poll();
    telling = next != null;
    return next;
  }

  private void tell(Telling next) {
    for (TypedBackend.Sink<ContainerEventResponse> subscriber : next.subscribers()) {
      if (!subscriber.offer(next.event()) && !subscriber.isOver()) {
        synchronized (this) {
          dropped++;
        }
      }
    }
  }
}
