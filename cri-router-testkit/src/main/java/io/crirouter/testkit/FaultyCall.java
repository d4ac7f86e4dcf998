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
 * A call that can be kept from its backend, and its answer from the caller. State is guarded by
 * this object's monitor; the caller's listener is called outside of it, by one thread at a time.
 */
final class FaultyCall implements RuntimeCall, ResponseListener {
  private final CriRequest request;
  private final ResponseListener listener;
  private final Faults faults;

  /** What the backend said and the caller has not heard; no more than the caller asked for. */
  private final Deque<ByteString> answers = new ArrayDeque<>();

  private final List<Cancellable> atEnd = new ArrayList<>();
  private @Nullable RuntimeCall carried;
  private boolean carriedOut;
  private long demand;
  private boolean held;
  private boolean loseAnswer;

  /** Set when the end must not wait for a held answer. */
  private boolean abandoned;

  private @Nullable RpcStatus end;
  private boolean draining;
  private boolean again;
  private boolean closed;

  FaultyCall(CriRequest request, ResponseListener listener, Faults faults) {
    this.request = request;
    this.listener = listener;
    this.faults = faults;
  }

  CriRequest request() {
    return request;
  }

  /** Whether the call is still to be carried out; true once at most. */
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
    long asked;
    RpcStatus over;
    synchronized (this) {
      carried = call;
      asked = demand;
      over = abandoned ? end : null;
    }
    if (over != null) {
      call.cancel(over.message());
    } else {
      call.request((int) Math.min(asked, Integer.MAX_VALUE));
    }
  }

  /** Ends with this status, without asking the backend. */
  void refuse(RpcStatus status) {
    onClose(status);
  }

  /** Answers with these bytes, without asking the backend. */
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
      call = carried;
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

  /** Ends the call whatever the backend is doing, and tells it. */
  void abandon(RpcStatus status) {
    RuntimeCall call;
    synchronized (this) {
      if (closed || abandoned) {
        return;
      }
      abandoned = true;
      end = status;
      answers.clear();
      call = carried;
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

  /** Tells the caller what there is to tell. */
  void pump() {
    synchronized (this) {
      again = true;
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

  /** The next thing to tell; null, and no longer draining, if there is none. */
  private @Nullable Runnable nextStep() {
    while (mayLookAgain()) {
      boolean hung = faults.isHung(request.method());
      Runnable step = stepWhile(hung);
      if (step != null) {
        return step;
      }
    }
    return null;
  }

  /** What was looked at before the last pump may be out of date. */
  private synchronized boolean mayLookAgain() {
    draining = again;
    again = false;
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
    again = true;
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
