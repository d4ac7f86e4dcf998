package io.crirouter.core.merge;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.backend.Answer;
import io.crirouter.core.backend.AnswerCollector;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.MessageSplitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One call to several backends at once. It waits for the primary as long as the caller does, and
 * for secondaries at most their budget; then one answer is merged from what has come. Thread-safe.
 */
public final class FanOut implements RuntimeCall {
  /** Pieces of a streamed list stay well below every size limit on the way. */
  private static final int STREAM_PIECE_BYTES = 1 << 20;

  private final CriRequest request;
  private final List<Backend> backends;
  private final Merge merge;
  private final Answer[] answers;
  private final RuntimeCall[] branches;
  private int missing;
  private boolean budgetSpent;
  private boolean finished;
  private Runnable stopTimer = () -> {};

  private final PacedDelivery delivery;

  private FanOut(
      CriRequest request, List<Backend> backends, Merge merge, ResponseListener listener) {
    this.request = request;
    this.backends = backends;
    this.merge = merge;
    this.delivery = new PacedDelivery(listener);
    this.answers = new Answer[backends.size()];
    this.branches = new RuntimeCall[backends.size()];
    this.missing = backends.size();
  }

  /**
   * Starts the calls.
   *
   * @param budget how long secondaries may take; empty for as long as the caller waits
   */
  public static RuntimeCall start(
      CriRequest request,
      List<Backend> backends,
      Merge merge,
      Optional<Duration> budget,
      Scheduler scheduler,
      ResponseListener listener) {
    FanOut fanOut = new FanOut(request, backends, merge, listener);
    fanOut.startBranches();
    fanOut.finishIfReady();
    budget.ifPresent(limit -> fanOut.spend(limit, scheduler));
    return fanOut;
  }

  private void startBranches() {
    for (int i = 0; i < backends.size(); i++) {
      int branch = i;
      Backend backend = backends.get(i);
      RuntimeCall call =
          AnswerCollector.start(
              (forwarded, collector) -> startBranch(backend, forwarded, collector),
              request,
              (status, message) -> answered(branch, new Answer(backend, message, status)));
      synchronized (this) {
        branches[i] = call;
        if (finished) {
          break;
        }
      }
    }
  }

  private RuntimeCall startBranch(
      Backend backend, CriRequest forwarded, ResponseListener collector) {
    try {
      return backend.call(forwarded, collector);
    } catch (RpcException e) {
      collector.onClose(e.status());
    } catch (MalformedMessageException e) {
      collector.onClose(RpcStatus.of(Code.INVALID_ARGUMENT, "malformed: " + e.getMessage()));
    }
    return ENDED;
  }

  private void spend(Duration budget, Scheduler scheduler) {
    Runnable stop =
        scheduler.schedule(
            budget,
            () -> {
              synchronized (this) {
                budgetSpent = true;
              }
              finishIfReady();
            });
    synchronized (this) {
      if (!finished) {
        stopTimer = stop;
        return;
      }
    }
    stop.run();
  }

  private void answered(int branch, Answer answer) {
    boolean settled = isSettledBy(answer);
    synchronized (this) {
      if (finished || answers[branch] != null) {
        return;
      }
      answers[branch] = answer;
      missing--;
      if (settled) {
        missing = 0;
      }
    }
    finishIfReady();
  }

  private boolean isSettledBy(Answer answer) {
    if (answer.backend().isPrimary() && merge.isFatal(answer)) {
      return true;
    }
    try {
      return answer.isOk() && merge.isSettledBy(answer);
    } catch (MalformedMessageException e) {
      return false;
    }
  }

  private void finishIfReady() {
    List<Answer> heard;
    synchronized (this) {
      boolean primaryPending = backends.get(0).isPrimary() && answers[0] == null;
      boolean ready = missing == 0 || (budgetSpent && !primaryPending);
      if (finished || !ready) {
        return;
      }
      finished = true;
      stopTimer.run();
      heard = heard();
    }
    if (!budgetSpent) {
      cancelBranches("the answer is settled");
    }
    conclude(heard);
  }

  private List<Answer> heard() {
    List<Answer> heard = new ArrayList<>();
    for (int i = 0; i < answers.length; i++) {
      Backend backend = backends.get(i);
      heard.add(
          answers[i] != null
              ? answers[i]
              : new Answer(
                  backend,
                  ByteString.EMPTY,
                  backend.unavailable("no answer to " + request.method().name() + " in time")));
    }
    return heard;
  }

  private void conclude(List<Answer> heard) {
    RpcStatus status = RpcStatus.OK;
    List<ByteString> parts = List.of();
    Answer first = heard.get(0);
    try {
      if (first.backend().isPrimary() && merge.isFatal(first)) {
        status = first.status();
      } else {
        ByteString merged = merge.merge(heard);
        parts =
            request.method().serverStreaming()
                ? MessageSplitter.split(merged, STREAM_PIECE_BYTES)
                : List.of(merged);
      }
    } catch (RpcException e) {
      status = e.status();
    } catch (MalformedMessageException e) {
      status =
          RpcStatus.of(
              Code.INTERNAL,
              "a runtime answered " + request.method().name() + " malformed: " + e.getMessage());
    }
    delivery.add(parts);
    delivery.end(status);
  }

  @Override
  public void request(int count) {
    delivery.request(count);
  }

  @Override
  public void cancel(String reason) {
    synchronized (this) {
      finished = true;
      stopTimer.run();
    }
    cancelBranches(reason);
    delivery.abort(RpcStatus.of(Code.CANCELLED, reason));
  }

  private void cancelBranches(String reason) {
    for (RuntimeCall branch : branches()) {
      branch.cancel(reason);
    }
  }

  private synchronized List<RuntimeCall> branches() {
    List<RuntimeCall> started = new ArrayList<>();
    for (RuntimeCall branch : branches) {
      if (branch != null) {
        started.add(branch);
      }
    }
    return started;
  }
}
