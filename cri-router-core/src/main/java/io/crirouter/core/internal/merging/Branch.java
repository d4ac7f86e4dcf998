package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.call.ResponseCollector;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One backend's part of a call to several. A secondary that is not ready is not asked, since one
 * that hangs would cost each call its whole budget; nor, where there is a budget, one that missed
 * it several times in a row: it is asked in the background until it answers. What is last known
 * stands in for a secondary that does not answer a list, and for a primary that is lost while
 * others have pods.
 */
final class Branch {
  private final CriRequest request;
  private final Backend backend;
  private final Plan plan;
  private volatile RuntimeCall call = RuntimeCall.ENDED;
  private volatile @Nullable BackendResponse answer;
  private volatile boolean missed;
  private volatile @Nullable String cancelled;

  /**
   * How much is expected of the backends.
   *
   * @param lastKnownOfSecondaries whether what is last known of a secondary stands in for its
   *     answer
   * @param lastKnownOfLostPrimary whether the same holds for the primary if it is lost
   * @param hasBudget whether secondaries have a budget
   */
  record Plan(boolean lastKnownOfSecondaries, boolean lastKnownOfLostPrimary, boolean hasBudget) {}

  Branch(CriRequest request, Backend backend, Plan plan) {
    this.request = request;
    this.backend = backend;
    this.plan = plan;
  }

  /** Starts it; {@code whenAnswered} hears of the answer, be it late. */
  void start(Consumer<BackendResponse> whenAnswered) {
    if (backend.isPrimary()) {
      if (plan.lastKnownOfLostPrimary && backend.isLost()) {
        useLastKnown("it is lost", whenAnswered);
      } else {
        ask(whenAnswered);
      }
    } else if (!backend.health().isReady()) {
      useLastKnown(backend.health().condition().reason(), whenAnswered);
    } else if (plan.hasBudget && !backend.missedBudgets().mayWait(request.method())) {
      backend.queries().refresh(request);
      useLastKnown(
          request.method().name()
              + ": it was too slow several times, and is asked in the background",
          whenAnswered);
    } else {
      ask(whenAnswered);
    }
  }

  private void ask(Consumer<BackendResponse> whenAnswered) {
    RuntimeCall started =
        ResponseCollector.start(
            this::call,
            request,
            (status, message) ->
                answered(new BackendResponse(backend, message, status), whenAnswered));
    call = started;
    String reason = cancelled;
    if (reason != null) {
      started.cancel(reason);
    }
  }

  /** Answers in the backend's stead: by what is known of it, else that it cannot be had. */
  private void useLastKnown(String why, Consumer<BackendResponse> whenAnswered) {
    RpcStatus status = backend.unavailable(why);
    BackendResponse lastKnown =
        mayUseLastKnown(status) ? backend.lastKnownResponse(request, status) : failed(status);
    answer = lastKnown;
    whenAnswered.accept(lastKnown);
  }

  private BackendResponse failed(RpcStatus status) {
    return new BackendResponse(backend, ByteString.EMPTY, status);
  }

  private RuntimeCall call(CriRequest forwarded, ResponseListener collector) {
    try {
      return backend.callAsOneOfSeveral(forwarded, collector);
    } catch (RpcException e) {
      collector.onClose(e.status());
    } catch (MalformedMessageException e) {
      collector.onClose(RpcStatus.of(Code.INVALID_ARGUMENT, "malformed: " + e.getMessage()));
    }
    return RuntimeCall.ENDED;
  }

  private void answered(BackendResponse response, Consumer<BackendResponse> whenAnswered) {
    // A late answer is of use only where it is remembered.
    if (response.isOk() && (plan.lastKnownOfSecondaries || !missed)) {
      backend.missedBudgets().answered(request.method());
    }
    answer = response;
    whenAnswered.accept(response);
  }

  /** What it answered, or null as long as it has not. */
  @Nullable BackendResponse answer() {
    return answer;
  }

  boolean isPrimary() {
    return backend.isPrimary();
  }

  /** Whether an answer is a failure of the primary for which nothing stands in. */
  boolean isFatal(BackendResponse response, Merge merge) {
    return backend.isPrimary() && merge.isFatal(response) && !mayUseLastKnown(response.status());
  }

  /** What counts as its answer when no more time is left. */
  BackendResponse conclude() {
    BackendResponse response = answer;
    if (response == null) {
      missed = true;
      backend.missed(request.method());
      response = failed(backend.unavailable(request.method().name() + ": no answer in time"));
    }
    if (plan.lastKnownOfSecondaries && !backend.isPrimary()) {
      report(response.status());
    }
    return response.isOk() || !mayUseLastKnown(response.status())
        ? response
        : backend.lastKnownResponse(request, response.status());
  }

  private void report(RpcStatus status) {
    String rpc = request.method().name();
    if (status.isOk() || status.isUnimplemented() || !backend.health().isReady()) {
      backend.listFailures().answered(rpc);
    } else {
      backend.listFailures().failed(rpc, status);
    }
  }

  private boolean mayUseLastKnown(RpcStatus failure) {
    return backend.isPrimary()
        ? plan.lastKnownOfLostPrimary && (failure.isUnreachable() || backend.isLost())
        : plan.lastKnownOfSecondaries;
  }

  void cancel(String reason) {
    cancelled = reason;
    call.cancel(reason);
  }
}
