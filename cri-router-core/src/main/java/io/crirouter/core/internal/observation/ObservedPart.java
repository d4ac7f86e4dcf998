package io.crirouter.core.internal.observation;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.CallPart;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ForwardingListener;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One backend's part of an observed call. What happens after its end is not noted. */
final class ObservedPart implements PartTrace {
  private static final RpcStatus LEFT_OUT =
      RpcStatus.of(Code.CANCELLED, "the call ended without this answer");

  private final BackendName backend;
  private final CriMethod method;
  private final LongSupplier nanoTime;
  private final long callNanos;

  // Guarded by the monitor of this object.
  private boolean wasSent;
  private boolean missedBudget;
  private boolean isLastKnown;
  private long sentNanos;
  private long endNanos;
  private long requestBytes;
  private long responseBytes;
  private @Nullable RpcStatus status;

  ObservedPart(BackendName backend, CriMethod method, LongSupplier nanoTime, long callNanos) {
    this.backend = backend;
    this.method = method;
    this.nanoTime = nanoTime;
    this.callNanos = callNanos;
  }

  @Override
  public ResponseListener sent(CriRequest request, ResponseListener client) {
    synchronized (this) {
      wasSent = true;
      sentNanos = nanoTime.getAsLong();
      requestBytes = request.message().size();
    }
    return new ForwardingListener(client) {
      @Override
      public void onMessage(ByteString message) {
        received(message.size());
        super.onMessage(message);
      }

      @Override
      public void onClose(RpcStatus outcome) {
        end(outcome);
        super.onClose(outcome);
      }
    };
  }

  private synchronized void received(int bytes) {
    if (status == null) {
      responseBytes += bytes;
    }
  }

  @Override
  public void refused(RpcStatus outcome) {
    end(outcome);
  }

  @Override
  public synchronized void missedBudget(RpcStatus outcome) {
    if (status == null) {
      missedBudget = true;
      end(outcome);
    }
  }

  @Override
  public synchronized void usedLastKnown() {
    isLastKnown = true;
  }

  private synchronized void end(RpcStatus outcome) {
    if (status == null) {
      status = outcome;
      endNanos = nanoTime.getAsLong();
    }
  }

  /** Whether it was sent or refused; if not, the call was refused before. */
  synchronized boolean hasBegun() {
    return wasSent || status != null;
  }

  /** The part when the call ends. */
  synchronized CallPart ended() {
    end(LEFT_OUT);
    long begun = wasSent ? sentNanos : endNanos;
    return new Ended(
        backend,
        method,
        wasSent,
        status == null ? LEFT_OUT : status,
        missedBudget,
        isLastKnown,
        Duration.ofNanos(begun - callNanos),
        Duration.ofNanos(endNanos - begun),
        requestBytes,
        responseBytes);
  }

  private record Ended(
      BackendName backend,
      CriMethod method,
      boolean wasSent,
      RpcStatus status,
      boolean missedBudget,
      boolean isLastKnown,
      Duration startedAfter,
      Duration latency,
      long requestBytes,
      long responseBytes)
      implements CallPart {}
}
