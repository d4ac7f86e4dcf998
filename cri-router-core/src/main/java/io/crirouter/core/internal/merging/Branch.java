package io.crirouter.core.internal.merging;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.backend.LastKnownResponse;
import io.crirouter.core.internal.call.ResponseCollector;
import io.crirouter.core.internal.call.ResponseSize;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.observation.PartTrace;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One backend's part of a merged call. A secondary that is not ready is not called, since one that
 * hangs would cost each call its whole budget. One that is most likely not to answer in time is
 * queried in the background instead. The last known state is used for a secondary that does not
 * answer a list, and for a lost primary while secondaries have pods.
 */
final class Branch {
  private final CriRequest request;
  private final Backend backend;
  private final Plan plan;
  private final PartTrace trace;
  private final ResponseSize size;
  private volatile RuntimeCall call = RuntimeCall.ENDED;
  private volatile @Nullable BackendResponse answer;
  private volatile boolean wasAsked;
  private volatile boolean missed;
  private volatile boolean isOver;
  private volatile @Nullable String cancelled;

  Branch(CriRequest request, Backend backend, Plan plan, CallTrace trace) {
    this.request = request;
    this.backend = backend;
    this.plan = plan;
    this.trace = trace.part(backend.name(), request.method());
    this.size = backend.mergedResponse();
  }

  /** Starts the call; {@code whenAnswered} receives the response, even a late one. */
  void start(Consumer<BackendResponse> whenAnswered) {
    if (backend.isPrimary()) {
      if (plan.lastKnownOfLostPrimary() && backend.isLost()) {
        useLastKnown("it is lost", whenAnswered);
      } else {
        ask(whenAnswered);
      }
    } else if (!backend.health().isReady()) {
      useLastKnown(backend.health().condition().reason(), whenAnswered);
    } else {
      String reason = plan.hasBudget() ? whyNotToWait() : "";
      if (reason.isEmpty()) {
        ask(whenAnswered);
      } else {
        backend.queries().refresh(request);
        useLastKnown(request.method().name() + ": " + reason, whenAnswered);
      }
    }
  }

  /** Why a ready secondary is queried in the background instead; empty if it is waited for. */
  private String whyNotToWait() {
    if (!backend.failingRpcs().mayWait(request.method())) {
      return "it failed or was too slow several times, and is asked in the background";
    }
    if (plan.merge().usesLastKnown() && backend.watch().isSilent()) {
      return "it has not answered Version yet";
    }
    if (plan.merge().usesLastKnown() && backend.queries().isListUnderWay()) {
      return "another list that failed several times is asked in the background";
    }
    return "";
  }

  private void ask(Consumer<BackendResponse> whenAnswered) {
    wasAsked = true;
    RuntimeCall started =
        ResponseCollector.start(
            this::call,
            request,
            null,
            (status, message) ->
                answered(new BackendResponse(backend, message, status), whenAnswered));
    call = started;
    String reason = cancelled;
    if (reason != null) {
      started.cancel(reason);
    }
  }

  /** Responds from the last known state, or with UNAVAILABLE if that must not be used. */
  private void useLastKnown(String why, Consumer<BackendResponse> whenAnswered) {
    RpcStatus status = backend.unavailable(why);
    trace.refused(status);
    BackendResponse lastKnown = mayUseLastKnown(status) ? lastKnown(status) : failed(status);
    answer = lastKnown;
    whenAnswered.accept(lastKnown);
  }

  private BackendResponse lastKnown(RpcStatus cause) {
    BackendResponse response = LastKnownResponse.of(backend, request, cause);
    if (response.isOk()) {
      trace.usedLastKnown();
    }
    return response;
  }

  private BackendResponse failed(RpcStatus status) {
    return BackendResponse.failure(backend, status);
  }

  private RuntimeCall call(CriRequest forwarded, ResponseListener collector) {
    try {
      return backend.callAsOneOfSeveral(forwarded, collector, size, trace);
    } catch (RpcException e) {
      refuse(collector, e.status());
    } catch (MalformedMessageException e) {
      refuse(collector, RpcStatus.of(Code.INVALID_ARGUMENT, "malformed: " + e.getMessage()));
    }
    return RuntimeCall.ENDED;
  }

  private void refuse(ResponseListener collector, RpcStatus status) {
    trace.refused(status);
    collector.onClose(status);
  }

  private void answered(BackendResponse response, Consumer<BackendResponse> whenAnswered) {
    // A late response is useful only if the inventory keeps it.
    if (response.isAnswer() && (plan.merge().usesLastKnown() || !missed)) {
      backend.failingRpcs().answered(request.method());
    }
    answer = response;
    if (isOver) {
      forget();
    }
    whenAnswered.accept(response);
  }

  /** Called when the merged response is made or given up. The responses are no longer kept. */
  void finish() {
    isOver = true;
    if (answer != null) {
      forget();
    }
  }

  private void forget() {
    answer = null;
    size.release();
  }

  /** The response, or null as long as there is none. */
  @Nullable BackendResponse answer() {
    return answer;
  }

  boolean isPrimary() {
    return backend.isPrimary();
  }

  /** Whether a response is a failure of the primary that the last known state must not replace. */
  boolean isFatal(BackendResponse response) {
    return backend.isPrimary()
        && plan.merge().isFatal(response)
        && !mayUseLastKnown(response.status());
  }

  /** The final response of this backend: what it has answered so far, or the last known state. */
  BackendResponse conclude() {
    BackendResponse response = answer;
    if (response == null) {
      missed = true;
      backend.watch().probeNow();
      response = failed(backend.unavailable(request.method().name() + ": no answer in time"));
      trace.missedBudget(response.status());
    }
    if (isFailure(response)) {
      backend.failingRpcs().failed(request.method(), response.status());
    }
    return response.isOk() || !mayUseLastKnown(response.status())
        ? response
        : lastKnown(response.status());
  }

  /**
   * A shorter response than this final one, which is too long beside those of other secondaries.
   */
  BackendResponse giveWay(BackendResponse concluded) {
    boolean isItsAnswer = wasAsked && !missed && answer != null && answer.isOk();
    if (!isItsAnswer) {
      return concluded;
    }
    RpcStatus status =
        RpcStatus.of(
            Code.RESOURCE_EXHAUSTED,
            String.format(
                "runtime %s answered %s with %d bytes: too many beside those of other runtimes",
                backend.name(), request.method().name(), concluded.message().size()));
    backend.failingRpcs().failed(request.method(), status);
    return mayUseLastKnown(status) ? lastKnown(status) : failed(status);
  }

  /** Whether a ready secondary was waited for in vain. */
  private boolean isFailure(BackendResponse response) {
    return wasAsked
        && !backend.isPrimary()
        && plan.hasBudget()
        && (missed || plan.merge().toleratesFailures())
        && !response.isAnswer()
        && backend.health().isReady();
  }

  private boolean mayUseLastKnown(RpcStatus failure) {
    return backend.isPrimary()
        ? plan.lastKnownOfLostPrimary() && (failure.isUnreachable() || backend.isLost())
        : plan.merge().usesLastKnown();
  }

  void cancel(String reason) {
    cancelled = reason;
    call.cancel(reason);
  }
}
