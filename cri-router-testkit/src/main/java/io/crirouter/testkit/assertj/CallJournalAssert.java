package io.crirouter.testkit.assertj;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.testkit.CallJournal;
import io.crirouter.testkit.CallMatcher;
import io.crirouter.testkit.RecordedCall;
import java.util.Iterator;
import org.assertj.core.api.AbstractAssert;

/** Assertions about the calls so far in a {@link CallJournal}; failures show all of them. */
public final class CallJournalAssert extends AbstractAssert<CallJournalAssert, CallJournal> {
  CallJournalAssert(CallJournal actual) {
    super(actual, CallJournalAssert.class);
  }

  /**
   * There is a call of the rpc {@code rpc}.
   *
   * @throws IllegalArgumentException if CRI v1 has no such rpc
   */
  @CanIgnoreReturnValue
  public CallJournalAssert received(String rpc) {
    return received(CallMatcher.rpc(rpc));
  }

  /** There is a call that matches. */
  @CanIgnoreReturnValue
  public CallJournalAssert received(CallMatcher calls) {
    isNotNull();
    if (actual.calls(calls).isEmpty()) {
      throw failure("a call that matches " + calls);
    }
    return this;
  }

  /** There are exactly {@code count} calls that match. */
  @CanIgnoreReturnValue
  public CallJournalAssert received(int count, CallMatcher calls) {
    isNotNull();
    if (actual.calls(calls).size() != count) {
      throw failure(count + " calls that match " + calls);
    }
    return this;
  }

  /**
   * There is no call of the rpc {@code rpc}.
   *
   * @throws IllegalArgumentException if CRI v1 has no such rpc
   */
  @CanIgnoreReturnValue
  public CallJournalAssert receivedNo(String rpc) {
    return received(0, CallMatcher.rpc(rpc));
  }

  /**
   * Calls of these rpcs came in this order; others may have come between them.
   *
   * @throws IllegalArgumentException if CRI v1 has no such rpc
   */
  @CanIgnoreReturnValue
  public CallJournalAssert receivedInOrder(String... rpcs) {
    isNotNull();
    Iterator<RecordedCall> calls = actual.calls().iterator();
    for (String rpc : rpcs) {
      if (!advance(calls, CallMatcher.rpc(rpc))) {
        throw failure(String.join(", ", rpcs) + " in this order, with " + rpc + " in its place");
      }
    }
    return this;
  }

  /** Skips calls up to and including the next one that matches; false if there is none. */
  private static boolean advance(Iterator<RecordedCall> calls, CallMatcher wanted) {
    while (calls.hasNext()) {
      if (wanted.test(calls.next())) {
        return true;
      }
    }
    return false;
  }

  private AssertionError failure(String expected) {
    return failure("%nExpecting:%n  %s%nbut the calls are:%n%s", expected, actual.timeline());
  }
}
