package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import io.crirouter.core.StateStore;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Keeps the router's state in memory, as a file would, and counts how often it is saved. */
final class MemoryStateStore implements StateStore {
  private @Nullable ByteString state;
  private int saves;

  @Override
  public synchronized Optional<ByteString> load() {
    return Optional.ofNullable(state);
  }

  @Override
  public void save(ByteString value, Runnable whenSaved) {
    synchronized (this) {
      state = value;
      saves++;
    }
    whenSaved.run();
  }

  /** What a router finds that starts after this one was killed just now. */
  synchronized MemoryStateStore copy() {
    MemoryStateStore copy = new MemoryStateStore();
    copy.state = state;
    return copy;
  }

  /** How long the state is. */
  synchronized int bytes() {
    return state == null ? 0 : state.size();
  }

  synchronized int saves() {
    return saves;
  }

  @Override
  public String toString() {
    return "state in memory";
  }
}
