package io.crirouter.core.internal.naming;

import com.google.protobuf.ByteString;
import io.crirouter.core.Cancellable;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.inventory.SavedState;
import java.time.Duration;
import java.util.List;

/**
 * Whether native ids of secondaries are still accepted after a change to prefixed ids: a kubelet
 * uses the ids that it knows until it has listed again. Thread-safe.
 */
public final class FormerNativeIds {
  /** Twice the longest time after which a kubelet lists again. */
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
      Cancellable unused = scheduler.schedule(ACCEPTED_FOR, this::end);
    }
  }

  private void end() {
    accepted = false;
    state.changed();
  }

  /** Whether native ids are accepted now. */
  boolean areAccepted() {
    return accepted;
  }
}
