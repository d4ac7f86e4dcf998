package io.crirouter.core.merge;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.backend.Answer;
import io.crirouter.core.backend.AnswerCollector;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.wire.MalformedMessageException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One backend's part of a call to several. A secondary that is lost is not asked, since one that
 * hangs would cost each call its whole budget; nor, where there is a budget, one that spent it
 * several times in a row: it is asked in the background until it answers.
 */
final class Branch {
  private final CriRequest request;
  private final Backend backend;
  private final boolean canRecall;
  private final boolean hasBudget;
  private volatile RuntimeCall call = RuntimeCall.ENDED;
  private volatile @Nullable Answer answer;
  private volatile boolean missed;

  Branch(CriRequest request, Backend backend, boolean usesLastKnown, boolean hasBudget) {
    this.request = request;
    this.backend = backend;
    this.canRecall = usesLastKnown && !backend.isPrimary();
    this.hasBudget = hasBudget && !backend.isPrimary();
  }

  /** Starts it; {@code whenAnswered} hears of the answer, be it late. */
  void start(Consumer<Answer> whenAnswered) {
    if (!backend.isPrimary() && backend.health().condition().phase() == Phase.LOST) {
      standIn("it is away", whenAnswered);
    } else if (hasBudget && !backend.patience().isLeft(request.method())) {
      backend.lists().refresh(request);
      standIn("it was too slow several times, and is asked in the background", whenAnswered);
    } else {
      call =
          AnswerCollector.start(
              this::call,
              request,
              (status, message) -> answered(new Answer(backend, message, status), whenAnswered));
    }
  }

  /** Answers in the backend's stead: by what is known of it, else that it cannot be had. */
  private void standIn(String why, Consumer<Answer> whenAnswered) {
    Answer recalled = backend.recall(request, notReached(why));
    answer = recalled;
    whenAnswered.accept(recalled);
  }

  private RuntimeCall call(CriRequest forwarded, ResponseListener collector) {
    try {
      return backend.call(forwarded, collector);
    } catch (RpcException e) {
      collector.onClose(e.status());
    } catch (MalformedMessageException e) {
      collector.onClose(RpcStatus.of(Code.INVALID_ARGUMENT, "malformed: " + e.getMessage()));
    }
    return RuntimeCall.ENDED;
  }

  private void answered(Answer heard, Consumer<Answer> whenAnswered) {
    // A late answer is of use only where it is remembered.
    if (heard.isOk() && (canRecall || !missed)) {
      backend.patience().answered(request.method());
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

  /** What counts as its answer when no more time is left. */
  Answer conclude() {
    Answer heard = answer;
    if (heard == null) {
      missed = true;
      backend.missed(request.method());
      heard = new Answer(backend, ByteString.EMPTY, notReached("no answer in time"));
    }
    return heard.isOk() || !canRecall ? heard : backend.recall(request, heard.status());
  }

  private RpcStatus notReached(String why) {
    return backend.unavailable(request.method().name() + ": " + why);
  }

  void cancel(String reason) {
    call.cancel(reason);
  }
}
