package io.crirouter.core.internal.naming;

import com.google.protobuf.ByteString;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.inventory.SavedState;
import java.time.Duration;
import java.util.List;

/**
 * Whether clients may still name things of secondaries as the runtimes do, because the node had
 * native ids a short while ago: a kubelet goes on using the ids that it knows until it has listed
 * once more. Thread-safe.
 */
public final class FormerNativeIds {
  /** Twice the longest time after which any kubelet lists anew. */
  private static final Duration ACCEPTED_FOR = Duration.ofMinutes(10);

  private static final List<ByteString> YES = List.of(ByteString.copyFromUtf8("native"));

  private final SavedState state;
  private volatile boolean accepted;

  /**
   * @param areNative whether ids are native now
   */
  public FormerNativeIds(SavedState state, boolean areNative, Scheduler scheduler) {
    this.state = state;
    this.accepted = areNative || !state.loaded(SavedState.NATIVE_IDS).isEmpty();
    state.add(SavedState.NATIVE_IDS, () -> accepted ? YES : List.of());
    if (accepted && !areNative) {
      Runnable unused = scheduler.schedule(ACCEPTED_FOR, this::end);
    }
  }

  private void end() {
    accepted = false;
    state.changed();
  }

  /** Whether they are understood now. */
  boolean areAccepted() {
    return accepted;
  }
}
