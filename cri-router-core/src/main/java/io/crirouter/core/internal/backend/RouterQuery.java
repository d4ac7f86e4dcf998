package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.Cancellable;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.call.OnceOnly;
import io.crirouter.core.internal.call.ResponseCollector;
import io.crirouter.core.internal.call.ResponseSize;
import io.crirouter.core.internal.inventory.ResponseObserver;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.time.Duration;
import java.util.function.Consumer;

/** One query of the router itself, with the runtime's own ids and names. */
final class RouterQuery {
  private final Backend backend;
  private final CriMethod method;
  private final ResponseObserver observer;
  private final ResponseSize size;
  private final OnceOnly<BackendResponse> once;

  RouterQuery(
      Backend backend,
      CriMethod method,
      ResponseObserver observer,
      ResponseSize size,
      Consumer<BackendResponse> whenAnswered) {
    this.backend = backend;
    this.method = method;
    this.observer = observer;
    this.size = size;
    this.once = new OnceOnly<>(whenAnswered);
  }

  void ask(ByteString message, Duration limit, Scheduler scheduler) {
    CriRequest request = CriRequest.of(method, message).withTimeoutNanos(limit.toNanos());
    long almostAll = limit.toNanos() - limit.toNanos() / 10;
    long start = scheduler.nanoTime();
    RuntimeCall call =
        ResponseCollector.start(
            backend.runtime(),
            request,
            size,
            (status, answer) ->
                answered(
                    scheduler.nanoTime() - start < almostAll ? status : asTimeout(status), answer));
    Cancellable timer =
        scheduler.schedule(
            limit,
            () -> {
              if (once.accept(BackendResponse.failure(backend, noAnswer(limit)))) {
                call.cancel("no answer within " + limit);
              }
            });
    once.then(timer::cancel);
  }

  /** A transport may give up a moment before the query does, in words of its own. */
  private static RpcStatus asTimeout(RpcStatus status) {
    return status.isUnreachable()
        ? RpcStatus.of(Code.DEADLINE_EXCEEDED, status.message())
            .withTrailers(status.trailers())
            .withOrigin(status.origin())
        : status;
  }

  /** A response that comes too late still updates the inventory. */
  private void answered(RpcStatus status, ByteString answer) {
    RpcStatus outcome = status;
    ByteString seen = answer;
    if (status.isOk()) {
      try {
        seen = observer.onMessage(answer);
      } catch (MalformedMessageException e) {
        outcome =
            RpcStatus.of(
                Code.INTERNAL, "malformed " + method.name() + " response: " + e.getMessage());
        seen = ByteString.EMPTY;
      }
    }
    observer.onClose(outcome);
    once.accept(new BackendResponse(backend, seen, outcome));
    size.release();
  }

  private RpcStatus noAnswer(Duration limit) {
    return RpcStatus.of(
        Code.DEADLINE_EXCEEDED,
        String.format("no answer to %s within %d ms", method.name(), limit.toMillis()));
  }
}
