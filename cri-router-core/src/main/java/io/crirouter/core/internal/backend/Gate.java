package io.crirouter.core.internal.backend;

import io.crirouter.core.Cancellable;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.backend.Condition.Cause;
import io.crirouter.core.internal.call.OnceOnly;
import io.crirouter.core.internal.call.SteppedCall;
import io.crirouter.core.internal.observation.PartTrace;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Every call that one backend alone answers passes here. It is sent if the backend is ready, and
 * waits for a bounded time while the backend is connecting. It is refused at once if the backend
 * hangs or cannot be reached: a kubelet pulls images one after the other, and one pull without an
 * answer would block all others. Calls to the primary always pass.
 */
public final class Gate {
  /** Far more than a kubelet has under way; further calls get UNAVAILABLE. */
  private static final int MAX_WAITING = 1000;

  private final Backend backend;
  private final Scheduler scheduler;
  private final Duration limit;
  private final Set<WaitingCall> waiting = new LinkedHashSet<>();

  Gate(Backend backend, BackendContext context) {
    this.backend = backend;
    this.scheduler = context.scheduler();
    this.limit = context.timeouts().connecting();
  }

  /** Where a call goes that passes the gate. */
  @FunctionalInterface
  public interface Target {
    /** Starts the call. */
    RuntimeCall start(CriRequest request, ResponseListener client, PartTrace trace);
  }

  /** Starts a call at {@code target}, now or when the backend is ready. */
  public RuntimeCall start(
      CriRequest request, ResponseListener client, Target target, PartTrace trace) {
    Condition condition = backend.health().condition();
    if (backend.isPrimary() || condition.isReady()) {
      return target.start(request, client, trace);
    }
    if (condition.cause() == Cause.HUNG || condition.cause() == Cause.NOT_CONFIGURED) {
      refuse(client, trace, backend.unavailable(condition.reason()));
      return RuntimeCall.ENDED;
    }
    return new WaitingCall(request, client, target, trace).await();
  }

  private synchronized boolean addWaiting(WaitingCall call) {
    return waiting.size() < MAX_WAITING && waiting.add(call);
  }

  private synchronized void removeWaiting(WaitingCall call) {
    waiting.remove(call);
  }

  /** Takes the calls that wait for the probe that has ended; the result ends their waiting. */
  Runnable takeWaiting() {
    List<WaitingCall> taken;
    synchronized (this) {
      taken = List.copyOf(waiting);
      waiting.clear();
    }
    return () -> taken.forEach(WaitingCall::probed);
  }

  private static void refuse(ResponseListener client, PartTrace trace, RpcStatus status) {
    trace.refused(status);
    client.onClose(status);
  }

  /**
   * One call that is sent when the backend is ready. It is not sent if that takes too long or if
   * the client cancels it before. It ends as soon as a probe finds that the backend cannot be
   * reached.
   */
  private final class WaitingCall {
    private final CriRequest request;
    private final ResponseListener client;
    private final Target target;
    private final PartTrace trace;
    private final long startNanos = scheduler.nanoTime();
    private final SteppedCall call = new SteppedCall();

    /** OK if the backend is ready, else the status with which the call ends unsent. */
    private final OnceOnly<RpcStatus> outcome = new OnceOnly<>(this::decided);

    WaitingCall(CriRequest request, ResponseListener client, Target target, PartTrace trace) {
      this.request = request;
      this.client = client;
      this.target = target;
      this.trace = trace;
    }

    RuntimeCall await() {
      call.enter(0, new Waiting());
      Duration own = Duration.ofNanos(Math.max(0, request.timeoutNanos()));
      boolean isShort = own.compareTo(limit) <= 0;
      Cancellable timer =
          scheduler.schedule(
              isShort ? own : limit, () -> outcome.accept(isShort ? expired() : notYet()));
      outcome.then(
          () -> {
            timer.cancel();
            removeWaiting(this);
          });
      if (!addWaiting(this)) {
        outcome.accept(backend.unavailable(MAX_WAITING + " calls are waiting for it already"));
      } else if (!backend.watch().ensureProbe()) {
        probed();
      }
      return call;
    }

    private void probed() {
      Condition condition = backend.health().condition();
      String cause = backend.isRemoved() ? "it was removed from the router" : condition.reason();
      outcome.accept(condition.isReady() ? RpcStatus.OK : backend.unavailable(cause));
    }

    private void decided(RpcStatus status) {
      String reason = call.cancelled();
      long left = leftNanos();
      if (reason != null) {
        refuse(client, trace, RpcStatus.of(Code.CANCELLED, reason));
      } else if (!status.isOk()) {
        refuse(client, trace, status);
      } else if (left <= 0) {
        refuse(client, trace, expired());
      } else {
        call.enter(1, target.start(request.withTimeoutNanos(left), client, trace));
      }
    }

    private long leftNanos() {
      long timeout = request.timeoutNanos();
      return timeout == CriRequest.NO_TIMEOUT
          ? timeout
          : timeout - (scheduler.nanoTime() - startNanos);
    }

    private RpcStatus notYet() {
      return backend.unavailable("it is not ready after " + limit.toSeconds() + " s");
    }

    private RpcStatus expired() {
      return RpcStatus.of(
          Code.DEADLINE_EXCEEDED,
          String.format(
              "%s was not sent: its time ran out before runtime %s was ready",
              request.method().name(), backend));
    }

    /** The client's handle until the call is sent. */
    private final class Waiting implements RuntimeCall {
      @Override
      public void request(int count) {}

      @Override
      public void cancel(String reason) {
        outcome.accept(RpcStatus.of(Code.CANCELLED, reason));
      }
    }
  }
}
