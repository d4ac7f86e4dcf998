package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import io.crirouter.core.StateStore;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A state store in memory that counts its saves. */
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

  /** The present state for a router that starts after a kill. */
  synchronized MemoryStateStore copy() {
    MemoryStateStore copy = new MemoryStateStore();
    copy.state = state;
    return copy;
  }

  /** The size of the state. */
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
