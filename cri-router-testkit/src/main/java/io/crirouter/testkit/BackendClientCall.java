package io.crirouter.testkit;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.Cancellable;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.SynchronizationContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One gRPC call to a {@link RuntimeBackend}. Fields are guarded by this object's monitor. Listener
 * events are serialized by a {@link SynchronizationContext} and run on the executor of the call.
 */
final class BackendClientCall<Q, R> extends ClientCall<Q, R> implements ResponseListener {
  private final RuntimeBackend backend;
  private final MethodDescriptor<Q, R> method;
  private final @Nullable Deadline deadline;
  private final Duration defaultTimeout;
  private final Executor executor;

  private final SynchronizationContext events =
      new SynchronizationContext(
          (thread, failure) -> {
            throw new IllegalStateException("a response listener threw", failure);
          });
  private boolean headersDelivered;
  private boolean closed;
  private int demandBeforeStart;
  private @Nullable Listener<R> listener;
  private @Nullable Metadata headers;
  private ByteString message = ByteString.EMPTY;
  private @Nullable RuntimeCall call;
  private Cancellable timer = () -> {};

  BackendClientCall(
      RuntimeBackend backend,
      MethodDescriptor<Q, R> method,
      CallOptions options,
      Duration defaultTimeout) {
    this.backend = backend;
    this.defaultTimeout = defaultTimeout;
    this.method = method;
    this.deadline = options.getDeadline();
    Executor configured = options.getExecutor();
    this.executor = configured == null ? Runnable::run : configured;
  }

  @Override
  public synchronized void start(Listener<R> responseListener, Metadata requestHeaders) {
    listener = responseListener;
    headers = requestHeaders;
  }

  @Override
  public synchronized void sendMessage(Q request) {
    try {
      message = ByteString.readFrom(method.streamRequest(request));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void halfClose() {
    CriRequest request = toRequest();
    startTimer(request);
    RuntimeCall started = backend.start(request, this);
    int demand;
    boolean alreadyClosed;
    synchronized (this) {
      call = started;
      demand = demandBeforeStart;
      alreadyClosed = closed;
    }
    if (alreadyClosed) {
      started.cancel("the client gave up");
    } else if (demand > 0) {
      started.request(demand);
    }
  }

  private synchronized CriRequest toRequest() {
    long nanos =
        deadline == null ? CriRequest.NO_TIMEOUT : deadline.timeRemaining(TimeUnit.NANOSECONDS);
    CallMetadata metadata = headers == null ? CallMetadata.EMPTY : GrpcValues.metadata(headers);
    CriMethod rpc = CriMethod.of(String.valueOf(method.getBareMethodName()));
    return CriRequest.of(rpc, message).withTimeoutNanos(nanos).withMetadata(metadata);
  }

  /** The timeout is in real time, even if the backend runs on a simulated clock. */
  private void startTimer(CriRequest request) {
    Duration limit;
    if (request.timeoutNanos() != CriRequest.NO_TIMEOUT) {
      limit = Duration.ofNanos(Math.max(0, request.timeoutNanos()));
    } else if (CriClient.isEndless(method)) {
      return;
    } else {
      limit = defaultTimeout;
    }
    Cancellable cancel = SystemScheduler.INSTANCE.schedule(limit, this::expire);
    synchronized (this) {
      timer = cancel;
    }
  }

  private void expire() {
    String reason =
        backend.address() + " has not answered " + method.getBareMethodName() + " in time";
    end(Status.DEADLINE_EXCEEDED.withDescription(reason), new Metadata());
    cancelBackend(reason);
  }

  @Override
  public void request(int count) {
    RuntimeCall started;
    synchronized (this) {
      started = call;
      if (started == null) {
        demandBeforeStart += count;
      }
    }
    if (started != null) {
      started.request(count);
    }
  }

  @Override
  public void cancel(@Nullable String reason, @Nullable Throwable cause) {
    String why = reason == null ? "the client gave up" : reason;
    end(Status.CANCELLED.withDescription(why).withCause(cause), new Metadata());
    cancelBackend(why);
  }

  private void cancelBackend(String reason) {
    RuntimeCall started;
    synchronized (this) {
      started = call;
    }
    if (started != null) {
      started.cancel(reason);
    }
  }

  @Override
  public void onHeaders(CallMetadata responseHeaders) {
    deliverHeaders(GrpcValues.metadata(responseHeaders));
  }

  private void deliverHeaders(Metadata responseHeaders) {
    deliver(
        () -> {
          if (!headersDelivered) {
            headersDelivered = true;
            target().onHeaders(responseHeaders);
          }
        });
  }

  @Override
  public void onMessage(ByteString response) {
    R parsed;
    try {
      parsed = method.parseResponse(response.newInput());
    } catch (StatusRuntimeException e) {
      end(e.getStatus(), new Metadata());
      cancelBackend("malformed response");
      return;
    }
    deliverHeaders(new Metadata());
    deliver(() -> target().onMessage(parsed));
  }

  @Override
  public void onClose(RpcStatus status) {
    end(GrpcValues.status(status), GrpcValues.metadata(status.trailers()));
  }

  private void end(Status status, Metadata trailers) {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      timer.cancel();
    }
    enqueue(() -> target().onClose(status, trailers));
  }

  private synchronized Listener<R> target() {
    if (listener == null) {
      throw new IllegalStateException("the call was not started");
    }
    return listener;
  }

  private void deliver(Runnable event) {
    synchronized (this) {
      if (closed) {
        return;
      }
    }
    enqueue(event);
  }

  private void enqueue(Runnable event) {
    events.executeLater(event);
    executor.execute(events::drain);
  }

  @Override
  public String toString() {
    return "call of " + method.getBareMethodName() + " to " + backend.address();
  }
}
