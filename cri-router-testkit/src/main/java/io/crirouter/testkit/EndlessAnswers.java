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
 * Carries calls out as {@code target} does, but answers without end: a stream repeats its last
 * message for as long as the caller asks for more; the end of an answer of one message never comes.
 * Failures are passed on.
 *
 * @param every how often a stream goes on
 * @param burst how many messages it sends then at most
 */
record EndlessAnswers(RuntimeBackend target, Scheduler scheduler, Duration every, int burst)
    implements RuntimeBackend {
  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    EndlessCall call = new EndlessCall(listener);
    call.carried = target.start(request, call);
    if (request.method().serverStreaming()) {
      call.goOn();
    }
    return call;
  }

  @Override
  public String address() {
    return target.address();
  }

  /** State is guarded by this object's monitor; the listener is called outside of it. */
  private final class EndlessCall implements RuntimeCall, ResponseListener {
    private final ResponseListener listener;
    private volatile RuntimeCall carried = RuntimeCall.ENDED;
    private @Nullable ByteString last;
    private long demand;
    private boolean over;
    private Cancellable timer = () -> {};

    EndlessCall(ResponseListener listener) {
      this.listener = listener;
    }

    private synchronized void goOn() {
      if (!over) {
        timer = scheduler.schedule(every, this::repeat);
      }
    }

    private void repeat() {
      for (int i = 0; i < burst; i++) {
        ByteString message;
        synchronized (this) {
          message = demand > 0 && !over ? last : null;
          demand -= message == null ? 0 : 1;
        }
        if (message == null) {
          break;
        }
        listener.onMessage(message);
      }
      goOn();
    }

    /** True once, and nothing is repeated from then on. */
    private synchronized boolean end() {
      timer.cancel();
      boolean first = !over;
      over = true;
      return first;
    }

    @Override
    public void request(int count) {
      synchronized (this) {
        demand += count;
      }
      carried.request(count);
    }

    @Override
    public void cancel(String reason) {
      carried.cancel(reason);
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
