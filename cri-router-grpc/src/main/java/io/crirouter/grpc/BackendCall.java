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
import org.jspecify.annotations.Nullable;

/**
 * One call to a runtime as a gRPC call.
 *
 * <p>Thread-safe. Events of the caller, gRPC and the timer are serialized by a {@link
 * SynchronizationContext}. No lock is held while the listener is called.
 */
final class BackendCall implements RuntimeCall {
  private static final RateLimitedLog LOG = RateLimitedLog.of(BackendCall.class);

  private final RuntimeConnection connection;
  private final CriRequest request;
  private final ResponseListener listener;
  private final Cardinality cardinality;
  private final TimeLimit time;
  private final WireTracer tracer;
  private final SynchronizationContext syncContext =
      new SynchronizationContext((thread, failure) -> failed(failure));

  /** Null until the call is sent, and if it has ended before. */
  private @Nullable ClientCall<ByteString, ByteString> call;

  private Cancellable connectTimer = () -> {};
  private @Nullable String cancelReason;
  private boolean ended;

  /**
   * A call that is not sent yet.
   *
   * @param time the time that is left, at most that of the request
   */
  BackendCall(
      RuntimeConnection connection, CriRequest request, ResponseListener listener, TimeLimit time) {
    this.connection = connection;
    this.request = request;
    this.listener = listener;
    this.time = time;
    this.cardinality = new Cardinality(request.method(), this::name);
    this.tracer = new WireTracer(connection.unfinishedAnswers(), this::refuseAnswer);
  }

  private void refuseAnswer() {
    syncContext.execute(
        () ->
            cutOff(
                RpcStatus.of(
                    Code.RESOURCE_EXHAUSTED,
                    name()
                        + ": the unfinished answers of the runtime, or of all that share its limit,"
                        + " have too many bytes")));
  }

  /** Sends the call; called once. */
  void start(ApiVersion version) {
    syncContext.execute(() -> send(version));
  }

  @Override
  public void request(int count) {
    syncContext.execute(() -> pull(count));
  }

  @Override
  public void cancel(String reason) {
    syncContext.execute(
        () -> {
          if (!ended && call != null && cancelReason == null) {
            cancelReason = reason;
            // gRPC resets the stream and then calls onClose.
            call.cancel(reason, null);
          }
        });
  }

  /** Ends the call without waiting for gRPC. */
  private void cutOff(RpcStatus status) {
    end(status);
    if (call != null) {
      call.cancel(status.message(), null);
    }
  }

  private void send(ApiVersion version) {
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
    RuntimeChannel channel = connection.startCall();
    if (channel == null) {
      end(RpcStatus.unreachable(connection.lastEnd()));
      return;
    }
    Answer answer = new Answer(channel);
    // The deadline is that of the request. The context of this thread must not add its own.
    Context previous = Context.ROOT.attach();
    try {
      call =
          channel.newCall(
              RawMethods.of(request.method(), version),
              time.applyTo(tracer.trace(CallOptions.DEFAULT)));
      call.start(answer, Headers.toGrpc(request.metadata()));
      call.sendMessage(message);
      call.halfClose();
    } catch (RuntimeException | Error e) {
      // An interceptor has thrown. The call may not be started, so that onClose never comes.
      answer.leaveChannel();
      throw e;
    } finally {
      Context.ROOT.detach(previous);
    }
    if (!connected) {
      connectTimer = connection.after(connection.limits().connectTimeout(), this::connectTimedOut);
    }
  }

  private void pull(int count) {
    if (!ended && call != null && count > 0) {
      // A unary call requests two, so that a second message is seen and refused. Left unread it
      // would delay onClose.
      call.request(request.method().serverStreaming() ? count : 2);
    }
  }

  private void connectTimedOut() {
    syncContext.execute(
        () -> {
          if (!ended && !tracer.connected()) {
            String reason = connection.limits().connectTimedOut();
            cutOff(RpcStatus.unreachable(reason));
            connection.abandonAttempt(reason);
          }
        });
  }

  /** Receives the answer from gRPC, on an event loop. */
  private final class Answer extends ClientCall.Listener<ByteString> {
    private final RuntimeChannel channel;
    private boolean onChannel = true;

    Answer(RuntimeChannel channel) {
      this.channel = channel;
    }

    @Override
    public void onHeaders(Metadata headers) {
      syncContext.execute(
          () -> {
            if (!ended) {
              listener.onHeaders(Headers.fromGrpc(headers));
            }
          });
    }

    @Override
    public void onMessage(ByteString message) {
      syncContext.execute(
          () -> {
            channel.answered(request.method());
            receive(message);
          });
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      syncContext.execute(
          () -> {
            if (tracer.isFromServer(trailers)) {
              channel.answered(request.method());
            }
            leaveChannel();
            end(outcome(status, trailers));
          });
    }

    private void leaveChannel() {
      if (onChannel) {
        onChannel = false;
        channel.endCall();
      }
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
      return cardinality.check(Statuses.fromRuntime(status, trailers));
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
      connectTimer.cancel();
      listener.onClose(status);
    }
  }

  private String name() {
    return request.method().name() + " at " + connection;
  }

  /** Handles an exception that no code here may throw; most likely the listener did. */
  private void failed(Throwable failure) {
    FailedCall.end(
        LOG,
        () -> name() + " failed",
        failure,
        error -> cutOff(RpcStatus.of(Code.INTERNAL, name() + ": " + error)));
  }

  @Override
  public String toString() {
    return "BackendCall(" + name() + ")";
  }
}
