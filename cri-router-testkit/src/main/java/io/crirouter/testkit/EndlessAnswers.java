package io.crirouter.testkit;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.Cancellable;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Forwards calls to {@code target}, but never completes a response: a stream repeats its last
 * message while there is demand, and a unary call gets its message but no status. Failures are
 * passed on.
 *
 * @param every the interval between two bursts of a stream
 * @param burst the maximum number of messages in a burst
 */
record EndlessAnswers(RuntimeBackend target, Scheduler scheduler, Duration every, int burst)
    implements RuntimeBackend {
  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    EndlessCall call = new EndlessCall(listener);
    call.backendCall = target.start(request, call);
    if (request.method().serverStreaming()) {
      call.scheduleNext();
    }
    return call;
  }

  @Override
  public String address() {
    return target.address();
  }

  /** State is guarded by this object's monitor. The listener is called without it. */
  private final class EndlessCall implements RuntimeCall, ResponseListener {
    private final ResponseListener listener;
    private volatile RuntimeCall backendCall = RuntimeCall.ENDED;
    private @Nullable ByteString last;
    private long demand;
    private boolean ended;
    private Cancellable timer = () -> {};

    EndlessCall(ResponseListener listener) {
      this.listener = listener;
    }

    private synchronized void scheduleNext() {
      if (!ended) {
        timer = scheduler.schedule(every, this::repeat);
      }
    }

    private void repeat() {
      for (int i = 0; i < burst; i++) {
        ByteString message;
        synchronized (this) {
          message = demand > 0 && !ended ? last : null;
          demand -= message == null ? 0 : 1;
        }
        if (message == null) {
          break;
        }
        listener.onMessage(message);
      }
      scheduleNext();
    }

    /** Stops the repetition. Returns true for the first call only. */
    private synchronized boolean end() {
      timer.cancel();
      boolean first = !ended;
      ended = true;
      return first;
    }

    @Override
    public void request(int count) {
      synchronized (this) {
        demand += count;
      }
      backendCall.request(count);
    }

    @Override
    public void cancel(String reason) {
      backendCall.cancel(reason);
      if (end()) {
        listener.onClose(RpcStatus.of(RpcStatus.Code.CANCELLED, reason));
      }
    }

    @Override
    public void onHeaders(CallMetadata headers) {
      listener.onHeaders(headers);
    }

    @Override
    public void onMessage(ByteString message) {
      synchronized (this) {
        last = message;
        demand--;
      }
      listener.onMessage(message);
    }

    @Override
    public void onClose(RpcStatus status) {
      if (!status.isOk() && end()) {
        listener.onClose(status);
      }
    }
  }
}
