package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.grpc.SynchronizationContext;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What a service in this process answers, on its way to a caller that asks for it bit by bit.
 *
 * <p>Whatever either says is done in turn, by whichever thread comes first and without a lock.
 */
final class ServiceAnswer implements RuntimeCall {
  /** What may wait for a caller that does not ask for it. */
  static final int MAX_QUEUED_BYTES = 64 << 20;

  /** Below this a service is told to go on, as in a gRPC server. */
  private static final int READY_BYTES = 32 << 10;

  /** What a message counts for besides its bytes, so that empty ones are bounded too. */
  private static final int MESSAGE_OVERHEAD_BYTES = 64;

  private static final LimitedLog LOG = LimitedLog.of(ServiceAnswer.class);

  /** The service, as far as the answer has to tell it something. Methods return at once. */
  interface Service {
    /** There is room for more messages again. */
    void ready();

    /** The call is over; {@code cancelled} unless the service has ended it. */
    void ended(boolean cancelled);
  }

  private final String method;
  private final ResponseListener listener;
  private final Service service;
  private final Cardinality cardinality;
  private final SynchronizationContext turns =
      new SynchronizationContext((thread, failure) -> failed(failure));
  private final Queue<ByteString> queue = new ArrayDeque<>();
  private final AtomicLong queuedBytes = new AtomicLong();
  private final AtomicBoolean heldBack = new AtomicBoolean();
  private @Nullable RpcStatus last;
  private int asked;
  private boolean ended;

  ServiceAnswer(CriRequest request, ResponseListener listener, Service service) {
    this.method = request.method().name();
    this.listener = listener;
    this.service = service;
    this.cardinality = new Cardinality(request.method(), () -> method);
  }

  // From the caller.

  @Override
  public void request(int count) {
    turns.execute(
        () -> {
          asked = (int) Math.min(Integer.MAX_VALUE, (long) asked + Math.max(0, count));
          flush();
        });
  }

  @Override
  public long heldBytes() {
    return queuedBytes.get();
  }

  @Override
  public void cancel(String reason) {
    cutOff(RpcStatus.of(Code.CANCELLED, reason));
  }

  // From the service.

  /** Whether the caller keeps up. */
  boolean isReady() {
    return queuedBytes.get() < READY_BYTES;
  }

  void headers(CallMetadata headers) {
    turns.execute(
        () -> {
          if (!ended) {
            listener.onHeaders(headers);
          }
        });
  }

  void message(ByteString message) {
    long queued = queuedBytes.addAndGet(weight(message));
    if (queued >= READY_BYTES) {
      // Set before the message's turn, after which it is looked at.
      heldBack.set(true);
    }
    if (queued > MAX_QUEUED_BYTES) {
      cutOff(
          RpcStatus.of(
              Code.RESOURCE_EXHAUSTED,
              method + ": the runtime sends faster than its answer is read"));
      return;
    }
    turns.execute(
        () -> {
          queue.add(message);
          flush();
        });
  }

  /** The service has ended the call. What it has sent before still goes out. */
  void close(RpcStatus status) {
    turns.execute(
        () -> {
          if (last == null) {
            last = status;
            flush();
          }
        });
  }

  /** Ends the call from our side. */
  void cutOff(RpcStatus status) {
    turns.execute(() -> end(status, true));
  }

  private void flush() {
    while (!ended && asked > 0 && !queue.isEmpty()) {
      ByteString message = queue.remove();
      queuedBytes.addAndGet(-weight(message));
      asked--;
      RpcStatus tooMany = cardinality.count();
      if (tooMany != null) {
        end(tooMany, true);
      } else {
        listener.onMessage(message);
      }
    }
    if (last != null && queue.isEmpty()) {
      end(cardinality.check(last), false);
    }
    if (!ended && isReady() && heldBack.getAndSet(false)) {
      service.ready();
    }
  }

  private void end(RpcStatus status, boolean cancelled) {
    if (ended) {
      return;
    }
    ended = true;
    queue.clear();
    try {
      service.ended(cancelled);
    } finally {
      listener.onClose(status);
    }
  }

  private static int weight(ByteString message) {
    return message.size() + MESSAGE_OVERHEAD_BYTES;
  }

  /** Something threw that must not: a bug, of the listener's most likely. */
  private void failed(Throwable failure) {
    LOG.log(Level.ERROR, () -> method + " failed", failure);
    try {
      end(RpcStatus.of(Code.INTERNAL, method + ": internal error: " + failure), true);
    } catch (RuntimeException e) {
      LOG.log(Level.DEBUG, () -> "cannot close a call that failed", e);
    }
  }

  @Override
  public String toString() {
    return "ServiceAnswer(" + method + ")";
  }
}
