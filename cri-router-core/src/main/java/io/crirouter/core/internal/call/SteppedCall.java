package io.crirouter.core.internal.call;

import io.crirouter.core.RuntimeCall;
import org.jspecify.annotations.Nullable;

/**
 * One call of the client that becomes several calls to runtimes, one after the other. Requests and
 * cancellation of the client reach the call that is under way. Thread-safe.
 */
public final class SteppedCall implements RuntimeCall {
  private int step = -1;
  private int requested;
  private @Nullable String cancelled;
  private RuntimeCall current = ENDED;

  /**
   * Step number {@code newStep} is under way as {@code call}. Steps may be entered out of order
   * when one ends before its start has returned; the latest counts.
   */
  public void enter(int newStep, RuntimeCall call) {
    int pending;
    String reason;
    synchronized (this) {
      if (newStep < step) {
        return;
      }
      step = newStep;
      current = call;
      pending = requested;
      reason = cancelled;
    }
    if (pending > 0) {
      call.request(pending);
    }
    if (reason != null) {
      call.cancel(reason);
    }
  }

  /** Why the client cancelled the call, or null. After a cancellation no further step may begin. */
  public synchronized @Nullable String cancelled() {
    return cancelled;
  }

  @Override
  public void request(int count) {
    RuntimeCall call;
    synchronized (this) {
      requested += count;
      call = current;
    }
    call.request(count);
  }

  @Override
  public long heldBytes() {
    RuntimeCall call;
    synchronized (this) {
      call = current;
    }
    return call.heldBytes();
  }

  @Override
  public void cancel(String reason) {
    RuntimeCall call;
    synchronized (this) {
      cancelled = reason;
      call = current;
    }
    call.cancel(reason);
  }
}
