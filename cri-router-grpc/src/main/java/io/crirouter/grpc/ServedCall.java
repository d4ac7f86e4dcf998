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
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call that a client made to our server, on its way to the backend and back.
 *
 * <p>The client's side speaks on an event loop, the backend's on any thread. Whatever either says
 * is done in turn, by whichever thread comes first and without a lock, so that the two never meet
 * in here and a backend may answer before its {@code start} has returned.
 */
final class ServedCall extends ServerCall.Listener<ByteString> {
  private static final LimitedLog LOG = LimitedLog.of(ServedCall.class);

  private final ServerCall<ByteString, ByteString> client;
  private final CriMethod method;
  private final RuntimeBackend backend;
  private final CallMetadata headers;
  private final @Nullable Deadline deadline = Context.current().getDeadline();
  private final Consumer<ServedCall> onEnd;
  private final CallBounds bounds;
  private final Cardinality cardinality;
  private final SynchronizationContext turns =
      new SynchronizationContext((thread, failure) -> failed(failure));

  private @Nullable ByteString request;
  private @Nullable RuntimeCall upstream;
  private boolean headersSent;
  private boolean awaitingMessage;
  private boolean ended;

  /**
   * A call whose headers have come in; to be made on the thread, and so in the gRPC context, of the
   * call.
   *
   * @param server what it is bounded by
   * @param onEnd told once, when the call is over
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

  /** Lets the request come: one message, and a second one to notice that it is too many. */
  void open() {
    RpcStatus refusal = bounds.begin(RequestMeter.ofThisCall());
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
    turns.execute(
        () -> {
          giveUpUpstream(status.message());
          end(status);
        });
  }

  // From the client.

  @Override
  public void onMessage(ByteString message) {
    turns.execute(
        () -> {
          RpcStatus refusal = refusal(message);
          if (refusal != null) {
            end(refusal);
          } else {
            request = message;
          }
        });
  }

  @SuppressWarnings("ReferenceEquality") // They stand for what is no message.
  private @Nullable RpcStatus refusal(ByteString message) {
    if (request != null) {
      return broken("the client sent more than one request message");
    }
    if (message == RequestMarshaller.TOO_LARGE) {
      return RpcStatus.of(
          Code.RESOURCE_EXHAUSTED, method.name() + ": the decompressed request is too large");
    }
    if (message == RequestMarshaller.UNREADABLE) {
      return broken("the request cannot be decompressed");
    }
    return bounds.message(message.size());
  }

  @Override
  public void onHalfClose() {
    turns.execute(this::forward);
  }

  @Override
  public void onReady() {
    turns.execute(this::pull);
  }

  @Override
  public void onCancel() {
    turns.execute(
        () -> {
          giveUpUpstream("the client gave up");
          ended();
        });
    bounds.cancelled();
  }

  @Override
  public void onComplete() {
    bounds.over();
  }

  private void forward() {
    if (ended) {
      return;
    }
    if (request == null) {
      end(broken("the client sent no request message"));
      return;
    }
    RpcStatus refusal = bounds.complete();
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

  /** Whether the client keeps up. */
  private boolean isReady() {
    boolean ready = client.isReady();
    if (ready) {
      bounds.drained();
    }
    return ready;
  }

  /** Asks for the next message, if there is room for it on the way to the client. */
  private void pull() {
    if (ended || awaitingMessage || upstream == null) {
      return;
    }
    if (method.serverStreaming() ? isReady() : cardinality.expectsMore()) {
      awaitingMessage = true;
      upstream.request(1);
    }
  }

  /** What the backend says; from any thread. */
  private final class Answer implements ResponseListener {
    @Override
    public void onHeaders(CallMetadata responseHeaders) {
      turns.execute(() -> sendHeaders(responseHeaders));
    }

    @Override
    public void onMessage(ByteString message) {
      turns.execute(() -> send(message));
    }

    @Override
    public void onClose(RpcStatus status) {
      turns.execute(() -> end(cardinality.check(status)));
    }
  }

  private void sendHeaders(CallMetadata responseHeaders) {
    if (!ended && !headersSent) {
      headersSent = true;
      client.sendHeaders(Headers.toGrpc(bounds.fitting(responseHeaders)));
    }
  }

  private void send(ByteString message) {
    if (ended) {
      return;
    }
    RpcStatus refusal = cardinality.count();
    if (refusal == null) {
      refusal = bounds.send(message.size(), upstream);
    }
    if (refusal != null) {
      giveUpUpstream(refusal.message());
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
    RpcStatus fitting = bounds.fitting(status);
    client.close(Statuses.toGrpc(fitting), Headers.toGrpc(fitting.trailers()));
  }

  private void ended() {
    if (!ended) {
      ended = true;
      onEnd.accept(this);
    }
  }

  private void giveUpUpstream(String reason) {
    if (!ended && upstream != null) {
      upstream.cancel(reason);
    }
  }

  private RpcStatus broken(String what) {
    return RpcStatus.of(Code.INTERNAL, method.name() + ": " + what);
  }

  /** Something threw that must not: a bug, of the backend's most likely. The server serves on. */
  private void failed(Throwable failure) {
    LOG.log(Level.ERROR, () -> method.name() + " failed in " + backend, failure);
    try {
      giveUpUpstream("internal error");
      end(broken("internal error: " + failure));
    } catch (RuntimeException e) {
      LOG.log(Level.DEBUG, () -> "cannot close a call that failed", e);
    }
  }

  @Override
  public String toString() {
    return "ServedCall(" + method.name() + ")";
  }
}
