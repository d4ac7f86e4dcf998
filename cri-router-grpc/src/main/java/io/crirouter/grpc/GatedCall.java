package io.crirouter.grpc;

import io.crirouter.core.Cancellable;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.grpc.SynchronizationContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A call to a runtime whose version of CRI is not known yet. It waits at the {@link VersionGate},
 * which sends it as a {@link BackendCall} or ends it.
 *
 * <p>Thread-safe. Events of the caller, the gate and the timer are serialized by a {@link
 * SynchronizationContext}. No lock is held while the listener is called.
 */
final class GatedCall implements RuntimeCall {
  private static final RateLimitedLog LOG = RateLimitedLog.of(GatedCall.class);

  private final RuntimeConnection connection;
  private final VersionGate gate;
  private final CriRequest request;
  private final ResponseListener listener;
  private final TimeLimit time;
  private final SynchronizationContext syncContext =
      new SynchronizationContext((thread, failure) -> failed(failure));

  private Cancellable timer = () -> {};
  private @Nullable BackendCall sent;
  private @Nullable VersionAnswer answer;
  private int requested;
  private boolean ended;

  GatedCall(
      RuntimeConnection connection,
      VersionGate gate,
      CriRequest request,
      ResponseListener listener) {
    this.connection = connection;
    this.gate = gate;
    this.request = request;
    this.listener = listener;
    this.time = new TimeLimit(request.timeoutNanos());
  }

  CriRequest originalRequest() {
    return request;
  }

  /** Enters the gate. */
  void start() {
    syncContext.execute(
        () -> {
          if (time.isSet()) {
            timer = connection.after(Duration.ofNanos(time.remainingNanos()), this::timedOut);
          }
          gate.enter(this);
        });
  }

  private void timedOut() {
    syncContext.execute(() -> leave(time.exceeded(name())));
  }

  /** Sends the call, unless it has ended. */
  void proceed(ApiVersion version) {
    syncContext.execute(
        () -> {
          if (!ended) {
            timer.cancel();
            sent = new BackendCall(connection, request, listener, time);
            sent.start(version);
            sent.request(requested);
          }
        });
  }

  /** Ends the call, which asks for the version, with the answer that the gate has received. */
  void complete(VersionAnswer received) {
    syncContext.execute(
        () -> {
          answer = received;
          deliverAnswer();
        });
  }

  private void deliverAnswer() {
    if (!ended && answer != null && (requested > 0 || !answer.hasMessage())) {
      answer.deliverTo(listener);
      end(answer.status());
    }
  }

  /** Ends the call, which is not sent. */
  void refuse(RpcStatus status) {
    syncContext.execute(() -> end(status));
  }

  @Override
  public void request(int count) {
    syncContext.execute(
        () -> {
          if (sent != null) {
            sent.request(count);
          } else {
            requested = (int) Math.min(Integer.MAX_VALUE, (long) requested + count);
            deliverAnswer();
          }
        });
  }

  @Override
  public void cancel(String reason) {
    syncContext.execute(
        () -> {
          if (sent != null) {
            sent.cancel(reason);
          } else {
            leave(RpcStatus.of(Code.CANCELLED, reason));
          }
        });
  }

  private void leave(RpcStatus status) {
    if (!ended && sent == null) {
      gate.leave(this);
      end(status);
    }
  }

  private void end(RpcStatus status) {
    if (!ended) {
      ended = true;
      timer.cancel();
      listener.onClose(status);
    }
  }

  private String name() {
    return request.method().name() + " at " + connection;
  }

  /** Handles an exception of the listener. */
  private void failed(Throwable failure) {
    FailedCall.end(
        LOG,
        () -> name() + " failed",
        failure,
        error -> end(RpcStatus.of(Code.INTERNAL, name() + ": " + error)));
  }

  @Override
  public String toString() {
    return "GatedCall(" + name() + ")";
  }
}
