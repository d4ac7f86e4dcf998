package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.crirouter.core.Cancellable;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.versions.V1Alpha2;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import java.lang.System.Logger.Level;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One call to a runtime: perhaps waiting at the {@link VersionGate} first, then on the wire.
 *
 * <p>Whatever happens to it, from the caller's side, gRPC's or a timer's, is done in turn by
 * whichever thread comes first, and without a lock.
 */
final class BackendCall implements RuntimeCall {
  private static final LimitedLog LOG = LimitedLog.of(BackendCall.class);

  private final RuntimeConnection connection;
  private final CriRequest request;
  private final ResponseListener listener;
  private final Cardinality cardinality;
  private final TimeLimit time;
  private final WireTracer tracer;
  private final SynchronizationContext turns =
      new SynchronizationContext((thread, failure) -> failed(failure));

  private @Nullable VersionGate gate;
  private @Nullable ClientCall<ByteString, ByteString> call;
  private Cancellable timer = () -> {};
  private @Nullable VersionAnswer answer;
  private int asked;
  private @Nullable String cancelReason;
  private boolean ended;

  BackendCall(RuntimeConnection connection, CriRequest request, ResponseListener listener) {
    this.connection = connection;
    this.request = request;
    this.listener = listener;
    this.time = new TimeLimit(request.timeoutNanos());
    this.cardinality = new Cardinality(request.method(), this::name);
    this.tracer = new WireTracer(connection.unfinishedAnswers(), this::refuseAnswer);
  }

  private void refuseAnswer() {
    turns.execute(
        () ->
            cutOff(
                RpcStatus.of(
                    Code.RESOURCE_EXHAUSTED,
                    name()
                        + ": the unfinished answers of the runtime, or of all that share its limit,"
                        + " have too many bytes")));
  }

  /** Goes through {@code passage}, which may take a while. */
  void enter(VersionGate passage) {
    turns.execute(
        () -> {
          gate = passage;
          if (time.isSet()) {
            timer =
                connection.after(
                    Duration.ofNanos(time.remainingNanos()),
                    () -> turns.execute(() -> drop(time.exceeded(name()))));
          }
          passage.enter(this);
        });
  }

  /** Starts the call on the wire, unless it has ended before. */
  void proceed(ApiVersion version) {
    turns.execute(
        () -> {
          if (!ended && call == null) {
            send(version);
          }
        });
  }

  CriRequest originalRequest() {
    return request;
  }

  /** Ends a call that is not on the wire with the answer that the gate has had to its question. */
  void take(VersionAnswer complete) {
    turns.execute(
        () -> {
          answer = complete;
          endWithAnswer();
        });
  }

  private void endWithAnswer() {
    if (!ended && answer != null && (asked > 0 || !answer.hasMessage())) {
      answer.tell(listener);
      end(answer.status());
    }
  }

  /** Ends a call that is not on the wire. */
  void refuse(RpcStatus status) {
    turns.execute(() -> end(status));
  }

  @Override
  public void request(int count) {
    turns.execute(
        () -> {
          if (call == null) {
            asked = (int) Math.min(Integer.MAX_VALUE, (long) asked + count);
            endWithAnswer();
          } else {
            pull(count);
          }
        });
  }

  @Override
  public void cancel(String reason) {
    turns.execute(
        () -> {
          if (!ended && cancelReason == null) {
            cancelReason = reason;
            drop(RpcStatus.of(Code.CANCELLED, reason));
          }
        });
  }

  /** Ends the call; if it is on the wire, gRPC does so when it has told the runtime. */
  private void drop(RpcStatus status) {
    if (call != null) {
      call.cancel(status.message(), null);
      return;
    }
    if (gate != null) {
      gate.leave(this);
    }
    end(status);
  }

  /** Ends the call without waiting for gRPC. */
  private void cutOff(RpcStatus status) {
    end(status);
    if (call != null) {
      call.cancel(status.message(), null);
    }
  }

  private void send(ApiVersion version) {
    stopTimer();
    if (time.isOver()) {
      end(time.exceeded(name()));
      return;
    }
    ByteString message;
    try {
      message =
          version == ApiVersion.V1ALPHA2
              ? V1Alpha2.downgrade(request.method(), request.message())
              : request.message();
    } catch (RpcException e) {
      end(RpcStatus.of(e.status().code(), name() + ": " + e.status().message()));
      return;
    }
    boolean connected = connection.isConnected();
    Link link = connection.enter();
    if (link == null) {
      end(RpcStatus.unreachable(connection.lastEnd()));
      return;
    }
    // Deadline and cancellation come by the request alone, not from whatever this thread is doing.
    Context ambient = Context.ROOT.attach();
    try {
      call =
          link.channel()
              .newCall(
                  RawMethods.of(request.method(), version),
                  time.applyTo(tracer.trace(CallOptions.DEFAULT)));
      call.start(new Answer(link), Headers.toGrpc(request.metadata()));
      call.sendMessage(message);
      call.halfClose();
    } finally {
      Context.ROOT.detach(ambient);
    }
    if (!connected) {
      timer = connection.after(connection.limits().connectTimeout(), this::connectTimedOut);
    }
    pull(asked);
  }

  private void pull(int count) {
    if (!ended && call != null && count > 0) {
      // For a unary rpc one more, so that a second message shows instead of holding up the end.
      call.request(request.method().serverStreaming() ? count : 2);
    }
  }

  private void connectTimedOut() {
    turns.execute(
        () -> {
          if (!ended && !tracer.connected()) {
            String reason = connection.limits().noConnection();
            cutOff(RpcStatus.unreachable(reason));
            connection.abandonAttempt(reason);
          }
        });
  }

  /** What gRPC says, on an event loop. */
  private final class Answer extends ClientCall.Listener<ByteString> {
    private final Link link;

    Answer(Link link) {
      this.link = link;
    }

    @Override
    public void onHeaders(Metadata headers) {
      turns.execute(
          () -> {
            if (!ended) {
              listener.onHeaders(Headers.fromGrpc(headers));
            }
          });
    }

    @Override
    public void onMessage(ByteString message) {
      turns.execute(
          () -> {
            link.answered(request.method());
            receive(message);
          });
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      turns.execute(
          () -> {
            if (tracer.isFromServer(trailers)) {
              link.answered(request.method());
            }
            link.leave();
            end(outcome(status, trailers));
          });
    }
  }

  private void receive(ByteString message) {
    if (ended) {
      return;
    }
    RpcStatus tooMany = cardinality.count();
    if (tooMany != null) {
      cutOff(tooMany);
    } else {
      listener.onMessage(message);
    }
  }

  private RpcStatus outcome(Status status, Metadata trailers) {
    if (tracer.isFromServer(trailers)) {
      return cardinality.check(Statuses.answered(status, trailers));
    }
    if (status.getCode() == Status.Code.CANCELLED && cancelReason != null) {
      return RpcStatus.of(Code.CANCELLED, cancelReason);
    }
    if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
      return time.exceeded(name());
    }
    if (connection.isClosed()) {
      return RpcStatus.unreachable("the connection was closed on this side");
    }
    return TransportFailure.of(status, name(), connection.limits(), tracer.connected());
  }

  private void end(RpcStatus status) {
    if (!ended) {
      ended = true;
      stopTimer();
      listener.onClose(status);
    }
  }

  private String name() {
    return request.method().name() + " at " + connection;
  }

  private void stopTimer() {
    timer.cancel();
    timer = () -> {};
  }

  /** Something threw that must not: a bug, of the listener's most likely. */
  private void failed(Throwable failure) {
    LOG.log(Level.ERROR, () -> name() + " failed", failure);
    try {
      cutOff(RpcStatus.of(Code.INTERNAL, name() + ": internal error: " + failure));
    } catch (RuntimeException e) {
      LOG.log(Level.DEBUG, () -> "cannot close a call that failed", e);
    }
  }

  @Override
  public String toString() {
    return "BackendCall(" + name() + ")";
  }
}
