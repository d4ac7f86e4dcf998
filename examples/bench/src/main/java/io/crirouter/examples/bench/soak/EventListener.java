package io.crirouter.examples.bench.soak;

import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.GetEventsRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The kubelet's event stream. Thread-safe. */
final class EventListener implements StreamObserver<ContainerEventResponse> {
  private final Set<String> awaited = new HashSet<>();
  private long received;
  private @Nullable String end;

  /** Subscribes. */
  static EventListener on(Channel channel) {
    EventListener listener = new EventListener();
    RuntimeServiceGrpc.newStub(channel)
        .getContainerEvents(GetEventsRequest.getDefaultInstance(), listener);
    return listener;
  }

  /** Expects the event for the deletion of a pod. Called before the pod is removed. */
  synchronized void expectDeletion(String id) {
    awaited.add(id);
  }

  /** Waits for the event. Returns false if it does not arrive in time. */
  synchronized boolean awaitDeletion(String id, long limitMillis) throws InterruptedException {
    long deadline = System.nanoTime() + limitMillis * 1_000_000;
    while (awaited.contains(id) && end == null) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return end == null;
  }

  /** How the stream ended; null while it is open. */
  synchronized @Nullable String end() {
    return end;
  }

  synchronized long received() {
    return received;
  }

  @Override
  public synchronized void onNext(ContainerEventResponse event) {
    received++;
    if (event.getContainerEventType() == ContainerEventType.CONTAINER_DELETED_EVENT
        && awaited.remove(event.getContainerId())) {
      notifyAll();
    }
  }

  @Override
  public synchronized void onError(Throwable failure) {
    end = failure.toString();
    notifyAll();
  }

  @Override
  public synchronized void onCompleted() {
    end = "the stream was completed";
    notifyAll();
  }
}
