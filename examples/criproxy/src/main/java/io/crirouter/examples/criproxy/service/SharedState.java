package io.crirouter.examples.criproxy.service;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.crirouter.core.StateStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The state file of a proxy and its successor during a hand-over. At most one of them writes it at
 * a time. The successor loads the file and holds its saves back until {@link #acquire}. The
 * predecessor stops writing at {@link #release}, but still notifies the successor of each change
 * before a client gets the response. Thread-safe.
 */
public final class SharedState implements StateStore {
  private final StateStore file;
  private final Executor writer;
  private Owner owner;
  private @Nullable Follower follower;

  /** The last state that was saved before {@link #acquire}, and the callbacks of these saves. */
  private @Nullable ByteString pending;

  private final List<Runnable> pendingCallbacks = new ArrayList<>();

  private enum Owner {
    THIS_PROXY,
    PREDECESSOR,
    SUCCESSOR
  }

  /** A successor that is notified of changes. */
  @FunctionalInterface
  public interface Follower {
    /**
     * Notifies it. Runs {@code whenKnown} once, when it knows the change or the connection to it is
     * lost.
     */
    void notifyChange(Runnable whenKnown);
  }

  /**
   * @param writer runs the writes of {@code file}, one after the other
   * @param takesOver whether a predecessor owns the file until {@link #acquire}
   */
  SharedState(StateStore file, Executor writer, boolean takesOver) {
    this.file = requireNonNull(file, "file");
    this.writer = writer;
    this.owner = takesOver ? Owner.PREDECESSOR : Owner.THIS_PROXY;
  }

  @Override
  public Optional<ByteString> load() throws IOException {
    return file.load();
  }

  @Override
  public void save(ByteString state, Runnable whenSaved) {
    Runnable callback;
    synchronized (this) {
      Follower successor = follower;
      callback = successor == null ? whenSaved : () -> successor.notifyChange(whenSaved);
      if (owner == Owner.PREDECESSOR) {
        pending = state;
        pendingCallbacks.add(callback);
        return;
      }
      if (owner == Owner.THIS_PROXY) {
        file.save(state, callback);
        return;
      }
    }
    callback.run();
  }

  /** Owns the file from now on: the predecessor no longer writes it. Writes the pending state. */
  public synchronized void acquire() {
    if (owner != Owner.PREDECESSOR) {
      return;
    }
    owner = Owner.THIS_PROXY;
    if (pending != null) {
      List<Runnable> callbacks = List.copyOf(pendingCallbacks);
      pendingCallbacks.clear();
      file.save(pending, () -> callbacks.forEach(Runnable::run));
      pending = null;
    }
  }

  /** Sets the successor that is notified of changes; null if there is none any more. */
  public synchronized void follow(@Nullable Follower successor) {
    follower = successor;
  }

  /**
   * Stops to write. Saves that have begun are finished.
   *
   * @param whenWritten is run once on the writer's thread, after the last write
   */
  public void release(Runnable whenWritten) {
    synchronized (this) {
      owner = Owner.SUCCESSOR;
    }
    writer.execute(whenWritten);
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
