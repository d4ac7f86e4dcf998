package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.grpc.SynchronizationContext;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The answer of a service in this process. It queues messages until the caller requests them.
 *
 * <p>Thread-safe. Events of the caller and the service are serialized by a {@link
 * SynchronizationContext}. No lock is held while the listener is called.
 */
final class ServiceAnswer implements RuntimeCall {
  /** The limit on messages that the caller has not requested. */
  static final int MAX_QUEUED_BYTES = 64 << 20;

  /** A service is ready while fewer bytes are queued, as in a gRPC server. */
  private static final int READY_BYTES = 32 << 10;

  /** What a message counts besides its bytes, so that empty ones are bounded too. */
  private static final int MESSAGE_OVERHEAD_BYTES = 64;

  private static final RateLimitedLog LOG = RateLimitedLog.of(ServiceAnswer.class);

  /** The events for the service. The methods must not block. */
  interface Service {
    /** The service may send more messages. */
    void ready();

    /** The call has ended. {@code byCaller} is false if the service has ended it. */
    void ended(boolean byCaller);
  }

  private final String method;
  private final ResponseListener listener;
  private final Service service;
  private final Cardinality cardinality;
  private final SynchronizationContext syncContext =
      new SynchronizationContext((thread, failure) -> failed(failure));
  private final Queue<ByteString> queue = new ArrayDeque<>();
  private final AtomicLong queuedBytes = new AtomicLong();
  private final AtomicBoolean notReady = new AtomicBoolean();
  private @Nullable RpcStatus closeStatus;
  private int requested;
  private boolean ended;

  ServiceAnswer(CriRequest request, ResponseListener listener, Service service) {
    this.method = request.method().name();
    this.listener = listener;
    this.service = service;
    this.cardinality = new Cardinality(request.method(), () -> method);
  }

  // Calls of the caller.

  @Override
  public void request(int count) {
    syncContext.execute(
        () -> {
          requested = (int) Math.min(Integer.MAX_VALUE, (long) requested + Math.max(0, count));
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

  // Calls of the service.

  /** Whether the service may send more messages. */
  boolean isReady() {
    return queuedBytes.get() < READY_BYTES;
  }

  void headers(CallMetadata headers) {
    syncContext.execute(
        () -> {
          if (!ended) {
            listener.onHeaders(headers);
          }
        });
  }

  void message(ByteString message) {
    long queued = queuedBytes.addAndGet(weight(message));
    if (queued >= READY_BYTES) {
      // Set before the message is queued, because flush() reads it after that.
      notReady.set(true);
    }
    if (queued > MAX_QUEUED_BYTES) {
      cutOff(
          RpcStatus.of(
              Code.RESOURCE_EXHAUSTED,
              method + ": the runtime sends faster than its answer is read"));
      return;
    }
    syncContext.execute(
        () -> {
          queue.add(message);
          flush();
        });
  }

  /** Called when the service has ended the call. Queued messages are still delivered. */
  void close(RpcStatus status) {
    syncContext.execute(
        () -> {
          if (closeStatus == null) {
            closeStatus = status;
            flush();
          }
        });
  }

  /** Ends the call without the service. */
  void cutOff(RpcStatus status) {
    syncContext.execute(() -> end(status, true));
  }

  private void flush() {
    while (!ended && requested > 0 && !queue.isEmpty()) {
      ByteString message = queue.remove();
      queuedBytes.addAndGet(-weight(message));
      requested--;
      RpcStatus tooMany = cardinality.count();
      if (tooMany != null) {
        end(tooMany, true);
      } else {
        listener.onMessage(message);
      }
    }
    if (closeStatus != null && queue.isEmpty()) {
      end(cardinality.check(closeStatus), false);
    }
    if (!ended && isReady() && notReady.getAndSet(false)) {
      service.ready();
    }
  }

  private void end(RpcStatus status, boolean byCaller) {
    if (ended) {
      return;
    }
    ended = true;
    queue.clear();
    try {
      service.ended(byCaller);
    } finally {
      listener.onClose(status);
    }
  }

  private static int weight(ByteString message) {
    return message.size() + MESSAGE_OVERHEAD_BYTES;
  }

  /** Handles an exception that no code here may throw; most likely the listener did. */
  private void failed(Throwable failure) {
    FailedCall.end(
        LOG,
        () -> method + " failed",
        failure,
        error -> end(RpcStatus.of(Code.INTERNAL, method + ": " + error), true));
  }

  @Override
  public String toString() {
    return "ServiceAnswer(" + method + ")";
  }
}
