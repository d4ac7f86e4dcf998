package io.crirouter.core.internal.merging;

import static java.util.Comparator.comparingLong;

import com.google.protobuf.ByteString;
import io.crirouter.core.Cancellable;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.Timeouts;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.call.PacedDelivery;
import io.crirouter.core.internal.inventory.Limits;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.MessageSplitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One call to several backends at once. It waits for the primary as long as the caller does, and
 * for secondaries within their budget. Then it merges the responses. Thread-safe.
 */
public final class FanOut implements RuntimeCall {
  /** Pieces of a streamed list stay well below every message size limit. */
  private static final int STREAM_PIECE_BYTES = 1 << 20;

  private final CriRequest request;
  private final Scheduler scheduler;

  /** How long a late response is still accepted, to update the inventory. */
  private final Duration lateLimit;

  private final List<Branch> branches;
  private final Merge merge;
  private final PacedDelivery delivery;
  private int pendingCount;
  private boolean settled;
  private boolean budgetSpent;
  private boolean finished;
  private Cancellable timer = () -> {};

  private FanOut(
      CriRequest request,
      List<Branch> branches,
      Merge merge,
      Duration lateLimit,
      Scheduler scheduler,
      ResponseListener listener) {
    this.request = request;
    this.scheduler = scheduler;
    this.lateLimit = lateLimit;
    this.merge = merge;
    this.delivery = new PacedDelivery(listener);
    this.branches = branches;
    this.pendingCount = branches.size();
  }

  /**
   * Starts the calls.
   *
   * @param trace takes note of what each backend contributes
   * @param budget how long secondaries may take; empty for as long as the caller waits
   */
  public static RuntimeCall start(
      CriRequest request,
      List<Backend> backends,
      Merge merge,
      Optional<Duration> budget,
      Timeouts timeouts,
      Scheduler scheduler,
      ResponseListener listener,
      CallTrace trace) {
    return start(request, backends, merge, false, budget, timeouts, scheduler, listener, trace);
  }

  /**
   * Starts the calls.
   *
   * @param lastKnownOfLostPrimary whether the last known state of the primary is used while it is
   *     lost
   * @param budget how long secondaries may take; empty for as long as the caller waits
   */
  static RuntimeCall start(
      CriRequest request,
      List<Backend> backends,
      Merge merge,
      boolean lastKnownOfLostPrimary,
      Optional<Duration> budget,
      Timeouts timeouts,
      Scheduler scheduler,
      ResponseListener listener,
      CallTrace trace) {
    Branch.Plan plan =
        new Branch.Plan(
            merge.usesLastKnown(),
            lastKnownOfLostPrimary,
            merge.toleratesFailures(),
            budget.isPresent());
    List<Branch> branches = new ArrayList<>(backends.size());
    backends.forEach(backend -> branches.add(new Branch(request, backend, plan, trace)));
    FanOut fanOut =
        new FanOut(request, branches, merge, timeouts.lateAnswers(), scheduler, listener);
    fanOut.startBranches();
    fanOut.finishIfReady();
    budget.ifPresent(fanOut::startBudget);
    return fanOut;
  }

  private void startBranches() {
    for (Branch branch : branches) {
      synchronized (this) {
        if (finished) {
          return;
        }
      }
      branch.start(responses -> answered(branch, responses));
    }
  }

  private void startBudget(Duration budget) {
    Cancellable stop =
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
        timer = stop;
        return;
      }
    }
    stop.cancel();
  }

  private void answered(Branch branch, BackendResponse answer) {
    boolean decisive = isSettledBy(branch, answer);
    boolean isLast;
    synchronized (this) {
      pendingCount--;
      settled |= decisive;
      isLast = finished && pendingCount == 0;
    }
    if (isLast) {
      stopLateTimer();
    } else {
      finishIfReady();
    }
  }

  private boolean isSettledBy(Branch branch, BackendResponse answer) {
    if (branch.isFatal(answer, merge)) {
      return true;
    }
    try {
      return answer.isOk() && merge.isSettledBy(answer);
    } catch (MalformedMessageException e) {
      return false;
    }
  }

  private void finishIfReady() {
    boolean isSettled;
    boolean late;
    synchronized (this) {
      boolean primaryPending = branches.get(0).isPrimary() && branches.get(0).answer() == null;
      boolean ready = pendingCount == 0 || settled || (budgetSpent && !primaryPending);
      if (finished || !ready) {
        return;
      }
      finished = true;
      isSettled = settled;
      late = budgetSpent && !settled;
      timer.cancel();
    }
    if (late) {
      // Calls under way go on for a while: their responses update the inventories.
      conclude(responses(false));
      limitLateAnswers();
    } else {
      List<BackendResponse> responses = responses(isSettled);
      branches.forEach(branch -> branch.cancel("the answer is settled"));
      conclude(responses);
    }
  }

  private void limitLateAnswers() {
    Cancellable stop =
        scheduler.schedule(
            lateLimit,
            () -> branches.forEach(branch -> branch.cancel("no answer within " + lateLimit)));
    synchronized (this) {
      if (pendingCount > 0) {
        timer = stop;
        return;
      }
    }
    stop.cancel();
  }

  private void stopLateTimer() {
    Cancellable stop;
    synchronized (this) {
      stop = timer;
    }
    stop.cancel();
  }

  /** The responses so far if one of them settled the call, else one of each branch. */
  private List<BackendResponse> responses(boolean isSettled) {
    List<BackendResponse> responses = new ArrayList<>(branches.size());
    for (Branch branch : branches) {
      BackendResponse response = isSettled ? branch.answer() : branch.conclude();
      if (response != null) {
        responses.add(response);
      }
    }
    if (!isSettled) {
      fitTogether(responses);
    }
    return responses;
  }

  /**
   * Replaces the longest responses of secondaries until all together leave room for the primary's
   * in one message.
   *
   * @param responses one of each branch
   */
  private void fitTogether(List<BackendResponse> responses) {
    long total = 0;
    for (BackendResponse response : responses) {
      total += sizeOfSecondary(response);
    }
    if (total <= Limits.MAX_BYTES_OF_SECONDARIES) {
      return;
    }
    List<Integer> longestFirst =
        IntStream.range(0, responses.size())
            .boxed()
            .sorted(comparingLong(i -> -sizeOfSecondary(responses.get(i))))
            .toList();
    for (int i : longestFirst) {
      BackendResponse response = responses.get(i);
      if (total > Limits.MAX_BYTES_OF_SECONDARIES && !response.backend().isPrimary()) {
        BackendResponse shorter = branches.get(i).giveWay(response);
        responses.set(i, shorter);
        total += sizeOfSecondary(shorter) - sizeOfSecondary(response);
      }
    }
  }

  private static long sizeOfSecondary(BackendResponse response) {
    return response.backend().isPrimary() ? 0 : response.message().size();
  }

  private void conclude(List<BackendResponse> responses) {
    RpcStatus status = RpcStatus.OK;
    List<ByteString> parts = List.of();
    BackendResponse first = responses.get(0);
    try {
      if (first.backend().isPrimary() && merge.isFatal(first)) {
        status = first.status();
      } else {
        requireWhole(responses);
        ByteString merged = merge.merge(responses);
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
    branches.forEach(Branch::finish);
    delivery.add(parts);
    delivery.end(status);
  }

  /** A list without content that exists would be taken for the loss of that content. */
  private static void requireWhole(List<BackendResponse> responses) throws RpcException {
    for (BackendResponse response : responses) {
      if (response.isWithheld()) {
        throw response.status().asException();
      }
    }
  }

  @Override
  public void request(int count) {
    delivery.request(count);
  }

  @Override
  public long heldBytes() {
    return delivery.heldBytes();
  }

  @Override
  public void cancel(String reason) {
    boolean isConcluding;
    synchronized (this) {
      isConcluding = finished;
      finished = true;
      timer.cancel();
    }
    branches.forEach(branch -> branch.cancel(reason));
    if (!isConcluding) {
      branches.forEach(Branch::finish);
    }
    delivery.abort(RpcStatus.of(Code.CANCELLED, reason));
  }
}
