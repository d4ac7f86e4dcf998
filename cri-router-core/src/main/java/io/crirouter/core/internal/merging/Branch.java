package io.crirouter.core.internal.merging;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.backend.Answer;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.call.AnswerCollector;
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
  private volatile @Nullable Answer answer;
  private volatile boolean missed;
  private volatile @Nullable String cancelled;

  /**
   * How much is expected of the backends.
   *
   * @param recallsSecondaries whether what is last known of a secondary stands in for its answer
   * @param recallsLostPrimary whether the same holds for the primary if it is lost
   * @param hasBudget whether secondaries have a budget
   */
  record Plan(boolean recallsSecondaries, boolean recallsLostPrimary, boolean hasBudget) {}

  Branch(CriRequest request, Backend backend, Plan plan) {
    this.request = request;
    this.backend = backend;
    this.plan = plan;
  }

  /** Starts it; {@code whenAnswered} hears of the answer, be it late. */
  void start(Consumer<Answer> whenAnswered) {
    if (backend.isPrimary()) {
      if (plan.recallsLostPrimary && backend.isLost()) {
        standIn("it is lost", whenAnswered);
      } else {
        ask(whenAnswered);
      }
    } else if (!backend.health().isReady()) {
      standIn(backend.health().condition().reason(), whenAnswered);
    } else if (plan.hasBudget && !backend.missedBudgets().mayWait(request.method())) {
      backend.questions().refresh(request);
      standIn(
          request.method().name()
              + ": it was too slow several times, and is asked in the background",
          whenAnswered);
    } else {
      ask(whenAnswered);
    }
  }

  private void ask(Consumer<Answer> whenAnswered) {
    RuntimeCall started =
        AnswerCollector.start(
            this::call,
            request,
            (status, message) -> answered(new Answer(backend, message, status), whenAnswered));
    call = started;
    String reason = cancelled;
    if (reason != null) {
      started.cancel(reason);
    }
  }

  /** Answers in the backend's stead: by what is known of it, else that it cannot be had. */
  private void standIn(String why, Consumer<Answer> whenAnswered) {
    RpcStatus status = backend.unavailable(why);
    Answer recalled = mayRecall(status) ? backend.recall(request, status) : failed(status);
    answer = recalled;
    whenAnswered.accept(recalled);
  }

  private Answer failed(RpcStatus status) {
    return new Answer(backend, ByteString.EMPTY, status);
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

  private void answered(Answer heard, Consumer<Answer> whenAnswered) {
    // A late answer is of use only where it is remembered.
    if (heard.isOk() && (plan.recallsSecondaries || !missed)) {
      backend.missedBudgets().answered(request.method());
    }
    answer = heard;
    whenAnswered.accept(heard);
  }

  /** What it answered, or null as long as it has not. */
  @Nullable Answer answer() {
    return answer;
  }

  boolean isPrimary() {
    return backend.isPrimary();
  }

  /** Whether an answer is a failure of the primary for which nothing stands in. */
  boolean isFatal(Answer heard, Merge merge) {
    return backend.isPrimary() && merge.isFatal(heard) && !mayRecall(heard.status());
  }

  /** What counts as its answer when no more time is left. */
  Answer conclude() {
    Answer heard = answer;
    if (heard == null) {
      missed = true;
      backend.missed(request.method());
      heard = failed(backend.unavailable(request.method().name() + ": no answer in time"));
    }
    if (plan.recallsSecondaries && !backend.isPrimary()) {
      report(heard.status());
    }
    return heard.isOk() || !mayRecall(heard.status())
        ? heard
        : backend.recall(request, heard.status());
  }

  private void report(RpcStatus status) {
    String rpc = request.method().name();
    if (status.isOk() || status.isUnimplemented() || !backend.health().isReady()) {
      backend.listFailures().answered(rpc);
    } else {
      backend.listFailures().failed(rpc, status);
    }
  }

  private boolean mayRecall(RpcStatus failure) {
    return backend.isPrimary()
        ? plan.recallsLostPrimary && (failure.isUnreachable() || backend.isLost())
        : plan.recallsSecondaries;
  }

  void cancel(String reason) {
    cancelled = reason;
    call.cancel(reason);
  }
}
