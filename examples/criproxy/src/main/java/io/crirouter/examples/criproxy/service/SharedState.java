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
 * The state file of two proxies of which one takes the place of the other: at any time at most one
 * of them writes it. The one that is about to take over has loaded it and waits; the one that goes
 * no longer writes, but lets the other know of each change before a client hears of it.
 * Thread-safe.
 */
public final class SharedState implements StateStore {
  private final StateStore file;
  private final Executor writer;
  private Owner owner;
  private @Nullable Follower follower;

  /** While the file is still that of another: what to write then, and who waits for it. */
  private @Nullable ByteString held;

  private final List<Runnable> heldWaiting = new ArrayList<>();

  private enum Owner {
    US,
    PREDECESSOR,
    SUCCESSOR
  }

  /** A successor that wants to know of changes. */
  @FunctionalInterface
  public interface Follower {
    /** Tells it, then runs {@code whenKnown} once; also if it does not hear any more. */
    void tell(Runnable whenKnown);
  }

  /**
   * @param writer runs the writing of {@code file}, one task after the other
   * @param isOurs whether it may be written at once, and not only after {@link #take}
   */
  SharedState(StateStore file, Executor writer, boolean isOurs) {
    this.file = requireNonNull(file, "file");
    this.writer = writer;
    this.owner = isOurs ? Owner.US : Owner.PREDECESSOR;
  }

  @Override
  public Optional<ByteString> load() throws IOException {
    return file.load();
  }

  @Override
  public void save(ByteString state, Runnable whenSaved) {
    Runnable then;
    synchronized (this) {
      Follower its = follower;
      then = its == null ? whenSaved : () -> its.tell(whenSaved);
      if (owner == Owner.PREDECESSOR) {
        held = state;
        heldWaiting.add(then);
        return;
      }
      if (owner == Owner.US) {
        file.save(state, then);
        return;
      }
    }
    then.run();
  }

  /** The predecessor writes no more: from now on it is our file. */
  public void take() {
    synchronized (this) {
      if (owner != Owner.PREDECESSOR) {
        return;
      }
      owner = Owner.US;
      if (held == null) {
        return;
      }
      List<Runnable> waiting = List.copyOf(heldWaiting);
      heldWaiting.clear();
      file.save(requireNonNull(held), () -> waiting.forEach(Runnable::run));
      held = null;
    }
  }

  /** Lets a successor know of changes; null if there is none any more. */
  public synchronized void follow(@Nullable Follower successor) {
    follower = successor;
  }

  /**
   * Writes what is to be written, and nothing after that.
   *
   * @param whenWritten is run once, on the thread that writes
   */
  public void giveUp(Runnable whenWritten) {
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
