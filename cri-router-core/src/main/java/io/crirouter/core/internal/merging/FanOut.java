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
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.call.PacedDelivery;
import io.crirouter.core.internal.inventory.Limits;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.MessageSplitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One call to several backends at once. It waits for the primary as long as the caller does, and
 * for secondaries within their budget. Then it merges the responses. Thread-safe.
 */
final class FanOut implements RuntimeCall {
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
  private Phase phase = Phase.WAITING;
  private Cancellable timer = () -> {};

  private enum Phase {
    /** The response is not made yet. */
    WAITING,
    /** The response is made; calls that were too slow go on for a while. */
    LATE,
    /** No response is of use any more. */
    OVER
  }

  FanOut(
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

  /** Starts the calls; once. */
  void start() {
    startBranches();
    finishIfReady();
  }

  private void startBranches() {
    for (Branch branch : branches) {
      synchronized (this) {
        if (phase != Phase.WAITING) {
          return;
        }
      }
      branch.start(response -> answered(branch, response));
    }
  }

  /** Limits the time that secondaries have from now on. */
  void limit(Duration budget) {
    use(
        scheduler.schedule(
            budget,
            () -> {
              synchronized (this) {
                budgetSpent = true;
              }
              finishIfReady();
            }));
  }

  /** Keeps a timer as long as responses are of use. */
  private void use(Cancellable started) {
    synchronized (this) {
      if (phase != Phase.OVER) {
        timer = started;
        return;
      }
    }
    started.cancel();
  }

  private void answered(Branch branch, BackendResponse answer) {
    boolean decisive = isSettledBy(branch, answer);
    Cancellable stop = null;
    synchronized (this) {
      pendingCount--;
      settled |= decisive;
      if (phase == Phase.LATE && pendingCount == 0) {
        phase = Phase.OVER;
        stop = timer;
      }
    }
    if (stop == null) {
      finishIfReady();
    } else {
      stop.cancel();
    }
  }

  private boolean isSettledBy(Branch branch, BackendResponse answer) {
    if (branch.isFatal(answer)) {
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
      if (phase != Phase.WAITING || !ready) {
        return;
      }
      isSettled = settled;
      late = pendingCount > 0 && !settled;
      phase = late ? Phase.LATE : Phase.OVER;
      timer.cancel();
    }
    List<BackendResponse> responses = responses(isSettled);
    if (late) {
      // Calls under way go on for a while: their responses update the inventories.
      use(scheduler.schedule(lateLimit, () -> cancelBranches("no answer within " + lateLimit)));
    } else {
      cancelBranches("the answer is settled");
    }
    conclude(responses);
  }

  private void cancelBranches(String reason) {
    branches.forEach(branch -> branch.cancel(reason));
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
    delivery.end(parts, status);
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
      isConcluding = phase != Phase.WAITING;
      phase = Phase.OVER;
      timer.cancel();
    }
    cancelBranches(reason);
    if (!isConcluding) {
      branches.forEach(Branch::finish);
    }
    delivery.cancel(reason);
  }
}
