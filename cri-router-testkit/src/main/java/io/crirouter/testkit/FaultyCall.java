package io.crirouter.testkit;

import com.google.protobuf.ByteString;
import io.crirouter.core.Cancellable;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call that can be withheld from its backend, and its response from the caller. State is guarded
 * by this object's monitor. The listener is called without it, by one thread at a time.
 */
final class FaultyCall implements RuntimeCall, ResponseListener {
  private final CriRequest request;
  private final ResponseListener listener;
  private final Faults faults;

  /** Response messages that were not delivered yet, bounded by the caller's demand. */
  private final Deque<ByteString> answers = new ArrayDeque<>();

  private final List<Cancellable> atEnd = new ArrayList<>();
  private @Nullable RuntimeCall backendCall;
  private boolean carriedOut;
  private long demand;
  private boolean held;
  private boolean loseAnswer;

  /** Set when the call ends without waiting for a held response. */
  private boolean abandoned;

  private @Nullable RpcStatus end;
  private boolean draining;
  private boolean pumpAgain;
  private boolean closed;

  FaultyCall(CriRequest request, ResponseListener listener, Faults faults) {
    this.request = request;
    this.listener = listener;
    this.faults = faults;
  }

  CriRequest request() {
    return request;
  }

  /** Claims the call for forwarding. True for the first caller only, unless the call has ended. */
  synchronized boolean claim() {
    boolean claimed = !carriedOut && end == null;
    carriedOut = true;
    return claimed;
  }

  void cancelAtEnd(Cancellable timer) {
    synchronized (this) {
      if (!closed) {
        atEnd.add(timer);
        return;
      }
    }
    timer.cancel();
  }

  synchronized void holdAnswer() {
    held = true;
  }

  void releaseAnswer() {
    synchronized (this) {
      held = false;
    }
    pump();
  }

  void carryOut(RuntimeBackend target, boolean answerIsLost) {
    synchronized (this) {
      loseAnswer = answerIsLost;
    }
    RuntimeCall call = target.start(request, this);
    long pendingDemand;
    RpcStatus abandonedWith;
    synchronized (this) {
      backendCall = call;
      pendingDemand = demand;
      abandonedWith = abandoned ? end : null;
    }
    if (abandonedWith != null) {
      call.cancel(abandonedWith.message());
    } else {
      call.request((int) Math.min(pendingDemand, Integer.MAX_VALUE));
    }
  }

  /** Ends the call with this status. It is not forwarded to the backend. */
  void refuse(RpcStatus status) {
    onClose(status);
  }

  /** Answers the call with these bytes. It is not forwarded to the backend. */
  void answer(ByteString bytes) {
    synchronized (this) {
      if (!abandoned) {
        answers.add(bytes);
        end = RpcStatus.OK;
      }
    }
    pump();
  }

  @Override
  public void request(int count) {
    RuntimeCall call;
    synchronized (this) {
      demand += count;
      call = backendCall;
    }
    if (call != null) {
      call.request(count);
    }
    pump();
  }

  @Override
  public void cancel(String reason) {
    abandon(RpcStatus.of(Code.CANCELLED, request.method().name() + " was cancelled: " + reason));
  }

  void expire() {
    abandon(
        RpcStatus.of(
            Code.DEADLINE_EXCEEDED,
            faults.address() + " has not answered " + request + " in time"));
  }

  /** Ends the call at once and cancels it at the backend. */
  void abandon(RpcStatus status) {
    RuntimeCall call;
    synchronized (this) {
      if (closed || abandoned) {
        return;
      }
      abandoned = true;
      end = status;
      answers.clear();
      call = backendCall;
    }
    if (call != null) {
      call.cancel(status.message());
    }
    pump();
  }

  @Override
  public void onMessage(ByteString message) {
    synchronized (this) {
      if (!abandoned && !loseAnswer) {
        answers.add(message);
      }
    }
    pump();
  }

  @Override
  public void onClose(RpcStatus status) {
    synchronized (this) {
      if (!abandoned) {
        end = loseAnswer ? faults.unreachable() : status;
      }
    }
    pump();
  }

  /** Delivers what can be delivered to the caller. */
  void pump() {
    synchronized (this) {
      pumpAgain = true;
      if (draining) {
        return;
      }
      draining = true;
    }
    Runnable step = nextStep();
    while (step != null) {
      step.run();
      step = nextStep();
    }
  }

  /** The next delivery. If there is none, returns null and stops draining. */
  private @Nullable Runnable nextStep() {
    while (takePumpRequest()) {
      boolean hung = faults.isHung(request.method());
      Runnable step = stepWhile(hung);
      if (step != null) {
        return step;
      }
    }
    return null;
  }

  /** Whether {@link #pump} was called since the state was last examined. */
  private synchronized boolean takePumpRequest() {
    draining = pumpAgain;
    pumpAgain = false;
    return draining;
  }

  private synchronized @Nullable Runnable stepWhile(boolean hung) {
    if (!abandoned && (held || hung)) {
      return null;
    }
    if (!answers.isEmpty()) {
      return demand > 0 ? deliverNext() : null;
    }
    RpcStatus status = end;
    if (status == null || closed) {
      return null;
    }
    closed = true;
    List<Cancellable> timers = List.copyOf(atEnd);
    return () -> close(status, timers);
  }

  private Runnable deliverNext() {
    demand--;
    pumpAgain = true;
    ByteString message = answers.remove();
    return () -> listener.onMessage(message);
  }

  private void close(RpcStatus status, List<Cancellable> timers) {
    timers.forEach(Cancellable::cancel);
    faults.closed(this);
    listener.onClose(status);
  }

  @Override
  public String toString() {
    return "FaultyCall(" + request + ")";
  }
}
