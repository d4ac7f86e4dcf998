package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.StateStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** A store in memory that notes every state it is given, and says when each is written. */
final class RecordingStore implements StateStore {
  final List<ByteString> saved = new ArrayList<>();

  /** Of writes that have not ended, oldest first. */
  private final Deque<Runnable> underWay = new ArrayDeque<>();

  private boolean isSlow;
  private boolean isBroken;

  /** From now on a write ends when {@link #finishWrite} is called. */
  void beSlow() {
    isSlow = true;
  }

  /** Whether it breaks the contract from now on and throws. */
  void beBroken(boolean broken) {
    isBroken = broken;
  }

  @Override
  public Optional<ByteString> load() {
    return saved.isEmpty() ? Optional.empty() : Optional.of(last());
  }

  @Override
  public void save(ByteString state, Runnable whenSaved) {
    if (isBroken) {
      throw new IllegalStateException("a store must not throw");
    }
    saved.add(state);
    if (isSlow) {
      underWay.add(whenSaved);
    } else {
      whenSaved.run();
    }
  }

  /** The oldest write ends, well or not. */
  void finishWrite() {
    underWay.remove().run();
  }

  /** What would be loaded. */
  ByteString last() {
    return saved.get(saved.size() - 1);
  }
}
