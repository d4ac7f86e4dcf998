package io.crirouter.core.backend;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import java.time.Duration;

/**
 * One call that is sent once its backend is ready, and never if that takes too long or the client
 * gives it up before. A backend that is away is known to be so as soon as a probe finds nobody.
 */
public final class ConnectingCall {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final String NOT_YET = "it is not ready after " + LIMIT.toSeconds() + " s";

  private final CriRequest request;
  private final ResponseListener client;
  private final Backend backend;
  private final RuntimeBackend target;
  private final Scheduler scheduler;
  private final long startNanos;
  private final SteppedCall call = new SteppedCall();

  /** Told OK if the backend is ready, else what is answered instead of sending the call. */
  private final OnceOnly<RpcStatus> outcome = new OnceOnly<>(this::decided);

  private ConnectingCall(
      CriRequest request,
      ResponseListener client,
      Backend backend,
      RuntimeBackend target,
      Scheduler scheduler) {
    this.request = request;
    this.client = client;
    this.backend = backend;
    this.target = target;
    this.scheduler = scheduler;
    this.startNanos = scheduler.nanoTime();
  }

  /**
   * Waits for {@code backend}, five seconds at most, and then starts the call at {@code target}
   * with the time that is left for it.
   */
  public static RuntimeCall start(
      CriRequest request,
      ResponseListener client,
      Backend backend,
      RuntimeBackend target,
      Scheduler scheduler) {
    return new ConnectingCall(request, client, backend, target, scheduler).await();
  }

  private RuntimeCall await() {
    call.enter(0, new Waiting());
    Runnable whenProbed = this::probed;
    Duration own = Duration.ofNanos(Math.max(0, request.timeoutNanos()));
    boolean isShort = own.compareTo(LIMIT) <= 0;
    Runnable stopTimer =
        scheduler.schedule(
            isShort ? own : LIMIT,
            () -> outcome.accept(isShort ? expired() : unavailable(NOT_YET)));
    outcome.then(
        () -> {
          stopTimer.run();
          backend.health().stopWaiting(whenProbed);
        });
    if (!backend.health().whenProbed(whenProbed)) {
      outcome.accept(unavailable(Health.MAX_WAITING + " calls are waiting for it already"));
    }
    return call;
  }

  private void probed() {
    Condition condition = backend.health().condition();
    String cause = backend.isRemoved() ? "it was removed from the router" : condition.reason();
    outcome.accept(condition.isReady() ? RpcStatus.OK : unavailable(cause));
  }

  private void decided(RpcStatus status) {
    String reason = call.cancelled();
    long left = leftNanos();
    if (reason != null) {
      client.onClose(RpcStatus.of(Code.CANCELLED, reason));
    } else if (!status.isOk()) {
      client.onClose(status);
    } else if (left <= 0) {
      client.onClose(expired());
    } else {
      call.enter(1, target.start(request.withTimeoutNanos(left), client));
    }
  }

  private long leftNanos() {
    long timeout = request.timeoutNanos();
    return timeout == CriRequest.NO_TIMEOUT
        ? timeout
        : timeout - (scheduler.nanoTime() - startNanos);
  }

  private RpcStatus unavailable(String cause) {
    return backend.unavailable(cause);
  }

  private RpcStatus expired() {
    return RpcStatus.of(
        Code.DEADLINE_EXCEEDED,
        String.format(
            "%s was not sent: its time ran out before runtime %s was ready",
            request.method().name(), backend));
  }

  /** What the client holds until the call is sent. */
  private final class Waiting implements RuntimeCall {
    @Override
    public void request(int count) {}

    @Override
    public void cancel(String reason) {
      outcome.accept(RpcStatus.of(Code.CANCELLED, reason));
    }
  }
}
