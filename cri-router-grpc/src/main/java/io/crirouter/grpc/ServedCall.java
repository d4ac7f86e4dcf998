package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.SynchronizationContext;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call of a client to the server, which is forwarded to the backend.
 *
 * <p>Thread-safe. Events of the client come on an event loop, those of the backend on any thread.
 * They are serialized by a {@link SynchronizationContext}, and no lock is held while the backend is
 * called. So a backend may answer before its {@code start} has returned.
 */
final class ServedCall extends ServerCall.Listener<ByteString> {
  private static final RateLimitedLog LOG = RateLimitedLog.of(ServedCall.class);

  private final ServerCall<ByteString, ByteString> client;
  private final CriMethod method;
  private final RuntimeBackend backend;
  private final CallMetadata headers;
  private final @Nullable Deadline deadline = Context.current().getDeadline();
  private final Consumer<ServedCall> onEnd;
  private final CallBounds bounds;
  private final Cardinality cardinality;
  private final SynchronizationContext syncContext =
      new SynchronizationContext((thread, failure) -> failed(failure));

  private @Nullable ByteString request;
  private @Nullable RuntimeCall upstream;
  private boolean headersSent;
  private boolean awaitingMessage;
  private boolean ended;

  /**
   * A call whose headers are received. Must be constructed in the gRPC context of the call.
   *
   * @param server counts what the call holds
   * @param onEnd called once, when the call has ended
   */
  ServedCall(
      ServerCall<ByteString, ByteString> client,
      CriMethod method,
      RuntimeBackend backend,
      CallMetadata headers,
      ServerBounds server,
      Consumer<ServedCall> onEnd) {
    this.client = client;
    this.method = method;
    this.backend = backend;
    this.headers = headers;
    this.onEnd = onEnd;
    this.cardinality = new Cardinality(method, method::name);
    this.bounds =
        new CallBounds(server, ServedConnections.of(client.getAttributes()), method, this::abort);
  }

  /** Requests the message of the client, and a second one so that it is seen and refused. */
  void open() {
    RpcStatus refusal = bounds.started(RequestMeter.current());
    if (refusal != null) {
      abort(refusal);
    } else {
      client.request(2);
    }
  }

  CriMethod method() {
    return method;
  }

  /** Ends the call from the server's side. */
  void abort(RpcStatus status) {
    syncContext.execute(
        () -> {
          cancelUpstream(status.message());
          end(status);
        });
  }

  // Events of the client.

  @Override
  public void onMessage(ByteString message) {
    syncContext.execute(
        () -> {
          RpcStatus refusal = refusal(message);
          if (refusal != null) {
            end(refusal);
          } else {
            request = message;
          }
        });
  }

  @SuppressWarnings("ReferenceEquality") // The constants stand for a missing message.
  private @Nullable RpcStatus refusal(ByteString message) {
    if (request != null) {
      return internal("the client sent more than one request message");
    }
    if (message == RequestMarshaller.TOO_LARGE) {
      return RpcStatus.of(
          Code.RESOURCE_EXHAUSTED, method.name() + ": the decompressed request is too large");
    }
    if (message == RequestMarshaller.UNREADABLE) {
      return internal("the request cannot be decompressed");
    }
    return bounds.requestReceived(message.size());
  }

  @Override
  public void onHalfClose() {
    syncContext.execute(this::forward);
  }

  @Override
  public void onReady() {
    syncContext.execute(this::pull);
  }

  @Override
  public void onCancel() {
    syncContext.execute(
        () -> {
          cancelUpstream("the client gave up");
          ended();
        });
    bounds.cancelled();
  }

  @Override
  public void onComplete() {
    bounds.ended();
  }

  private void forward() {
    if (ended) {
      return;
    }
    if (request == null) {
      end(internal("the client sent no request message"));
      return;
    }
    RpcStatus refusal = bounds.requestComplete();
    if (refusal != null) {
      end(refusal);
      return;
    }
    CriRequest complete =
        CriRequest.of(method, request).withTimeoutNanos(timeoutNanos()).withMetadata(headers);
    request = null;
    upstream = backend.start(complete, new Answer());
    pull();
  }

  private long timeoutNanos() {
    return deadline == null
        ? CriRequest.NO_TIMEOUT
        : Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS));
  }

  /** Whether the client reads as fast as messages are sent. */
  private boolean isReady() {
    boolean ready = client.isReady();
    if (ready) {
      bounds.drained();
    }
    return ready;
  }

  /** Requests the next message from the backend if the client can take it. */
  private void pull() {
    if (ended || awaitingMessage || upstream == null) {
      return;
    }
    if (method.serverStreaming() ? isReady() : cardinality.expectsMore()) {
      awaitingMessage = true;
      upstream.request(1);
    }
  }

  /** Receives the answer of the backend, on any thread. */
  private final class Answer implements ResponseListener {
    @Override
    public void onHeaders(CallMetadata responseHeaders) {
      syncContext.execute(() -> sendHeaders(responseHeaders));
    }

    @Override
    public void onMessage(ByteString message) {
      syncContext.execute(() -> send(message));
    }

    @Override
    public void onClose(RpcStatus status) {
      syncContext.execute(() -> end(cardinality.check(status)));
    }
  }

  private void sendHeaders(CallMetadata responseHeaders) {
    if (!ended && !headersSent) {
      headersSent = true;
      client.sendHeaders(Headers.toGrpc(bounds.fit(responseHeaders)));
    }
  }

  private void send(ByteString message) {
    if (ended) {
      return;
    }
    RpcStatus refusal = cardinality.count();
    if (refusal == null) {
      refusal = bounds.sending(message.size(), upstream);
    }
    if (refusal != null) {
      cancelUpstream(refusal.message());
      end(refusal);
      return;
    }
    sendHeaders(CallMetadata.EMPTY);
    awaitingMessage = false;
    client.sendMessage(message);
    pull();
  }

  private void end(RpcStatus status) {
    if (ended) {
      return;
    }
    ended();
    if (!headersSent && status.isOk()) {
      client.sendHeaders(new Metadata());
    }
    RpcStatus fitting = bounds.fit(status);
    client.close(Statuses.toGrpc(fitting), Headers.toGrpc(fitting.trailers()));
  }

  private void ended() {
    if (!ended) {
      ended = true;
      onEnd.accept(this);
    }
  }

  private void cancelUpstream(String reason) {
    if (!ended && upstream != null) {
      upstream.cancel(reason);
    }
  }

  private RpcStatus internal(String what) {
    return RpcStatus.of(Code.INTERNAL, method.name() + ": " + what);
  }

  /** Handles an exception that no code here may throw; most likely the backend did. */
  private void failed(Throwable failure) {
    FailedCall.end(LOG, () -> method.name() + " failed in " + backend, failure, this::endWithError);
  }

  private void endWithError(String error) {
    cancelUpstream("internal error");
    end(internal(error));
  }

  @Override
  public String toString() {
    return "ServedCall(" + method.name() + ")";
  }
}
