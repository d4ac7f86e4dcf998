package io.crirouter.core.internal.events;

import io.crirouter.core.Cancellable;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * One client's stream of events. Events that the client has not requested wait in bounded buffers
 * and delay neither the runtimes nor other clients. Used only in {@link SerialTasks}, except for
 * the methods of {@link RuntimeCall}.
 */
final class ClientStream implements RuntimeCall {
  private final ResponseListener listener;
  private final SerialTasks tasks;
  private final Consumer<ClientStream> whenEnded;
  private final EventQueue waiting;

  /** How many events the client has requested; 0 while events wait. */
  private long demand;

  private boolean ended;
  private Cancellable timer = () -> {};

  ClientStream(
      ResponseListener listener,
      SerialTasks tasks,
      EventBudget budget,
      Consumer<ClientStream> whenEnded) {
    this.listener = listener;
    this.tasks = tasks;
    this.waiting = new EventQueue(budget);
    this.whenEnded = whenEnded;
  }

  /** Ends the stream at the client's deadline, which is sent to no runtime. */
  void limit(CriRequest request) {
    if (request.timeoutNanos() != CriRequest.NO_TIMEOUT) {
      RpcStatus over =
          RpcStatus.of(
              Code.DEADLINE_EXCEEDED, "the client's deadline for its event stream has passed");
      timer =
          tasks.schedule(Duration.ofNanos(Math.max(0, request.timeoutNanos())), () -> end(over));
    }
  }

  @Override
  public void request(int count) {
    tasks.execute(
        () -> {
          demand += count;
          deliver();
          waiting.behind().forEach(EventSource::catchUp);
        });
  }

  @Override
  public void cancel(String reason) {
    tasks.execute(() -> end(RpcStatus.of(Code.CANCELLED, reason)));
  }

  /** Delivers an event of {@code source} when the client requests one. */
  void add(EventSource source, ClientEvent event) {
    if (ended) {
      return;
    }
    if (demand > 0) {
      demand--;
      listener.onMessage(event.message());
    } else {
      waiting.add(source, event);
    }
  }

  private void deliver() {
    while (demand > 0 && !ended) {
      ClientEvent event = waiting.poll();
      if (event == null) {
        return;
      }
      demand--;
      listener.onMessage(event.message());
    }
  }

  /** The events that wait. */
  EventQueue waiting() {
    return waiting;
  }

  /** Ends the stream at once and drops waiting events. Does nothing the second time. */
  void end(RpcStatus status) {
    if (ended) {
      return;
    }
    ended = true;
    timer.cancel();
    waiting.clear();
    whenEnded.accept(this);
    listener.onClose(status);
  }

  @Override
  public String toString() {
    return "ClientStream(" + waiting.size() + " waiting, " + (ended ? "ended" : "open") + ")";
  }
}
