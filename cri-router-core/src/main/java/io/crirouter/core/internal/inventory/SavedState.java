package io.crirouter.core.internal.inventory;

import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.ByteString;
import io.crirouter.core.Cancellable;
import io.crirouter.core.Scheduler;
import io.crirouter.core.StateStore;
import io.crirouter.core.internal.call.ClippedText;
import io.crirouter.core.internal.call.OnceOnly;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.MessageRope;
import io.crirouter.core.internal.wire.WireMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The state that survives a restart of the router. It is handed to the {@link StateStore} shortly
 * after one of its parts changed, or at once for a response that must not be delivered before.
 * Thread-safe.
 */
public final class SavedState {
  /** The last runtime config. */
  public static final int RUNTIME_CONFIG = 2;

  /** Present while clients may use the runtimes' own ids of secondaries. */
  public static final int NATIVE_IDS = 3;

  /** The runtimes that were removed from the router, one field each. */
  public static final int FORMER_BACKENDS = 4;

  /** Present once clients may use ids of before a runtime was renamed. */
  static final int OUTDATED_IDS = 5;

  /** The inventories, one field each. */
  static final int INVENTORIES = 1;

  private static final System.Logger LOG = System.getLogger("io.crirouter");

  /** Long enough to write a burst of changes once. */
  private static final Duration SAVE_AFTER = Duration.ofMillis(100);

  /** The longest wait for a store that hangs: pods must start on a node with a broken disk. */
  private static final Duration FLUSH_LIMIT = Duration.ofSeconds(2);

  /**
   * A state of this size is saved half as often, so that the bytes written per second are bounded.
   */
  private static final int SMALL_BYTES = 1 << 20;

  private final StateStore store;
  private final Scheduler scheduler;
  private final WireMessage loaded;
  private final boolean isLost;
  private final Map<Integer, Supplier<List<ByteString>>> parts = new TreeMap<>();

  /** Saves one state after the other, so that the newest is the last. */
  private final Executor serial = MoreExecutors.newSequentialExecutor(Runnable::run);

  private int size;
  private boolean isPlanned;
  private boolean isOpen;
  private boolean isClosed;
  private boolean isBroken;
  private Cancellable plan = () -> {};

  /** What waits for the next save. */
  private List<Runnable> waiting = new ArrayList<>();

  /** Loads the state from {@code store}. */
  public SavedState(StateStore store, Scheduler scheduler) {
    this.store = store;
    this.scheduler = scheduler;
    WireMessage state = WireMessage.EMPTY;
    boolean lost = false;
    try {
      state = WireMessage.parse(store.load().orElse(ByteString.EMPTY));
    } catch (IOException | MalformedMessageException e) {
      reportLoss(e);
      lost = true;
    }
    this.loaded = state;
    this.isLost = lost;
  }

  /** Logs that a part of the state, or all of it, cannot be read. */
  public static void reportLoss(Exception why) {
    LOG.log(
        System.Logger.Level.ERROR,
        "what the router knew before its restart is lost, it learns again from the runtimes: {0}",
        ClippedText.of(why.getMessage()));
  }

  /** Whether there was a state that could not be read. */
  public boolean isLost() {
    return isLost;
  }

  /** The values of a field before the restart; empty if there are none. */
  public List<ByteString> loaded(int field) {
    return loaded.values(field);
  }

  /** Adds a part: the values of a field, read each time the state is saved. */
  public synchronized void add(int field, Supplier<List<ByteString>> values) {
    parts.put(field, values);
  }

  /**
   * Starts to save. Called when all parts were added. A save before that would lose the others, and
   * a router that is refused must not change the state.
   */
  public void open() {
    synchronized (this) {
      isOpen = true;
      if (!isPlanned) {
        return;
      }
    }
    plan();
  }

  /** Called when a part has changed. Saves the state soon, but not before {@link #open}. */
  public void changed() {
    if (store == StateStore.NONE) {
      return;
    }
    synchronized (this) {
      if (isPlanned || isClosed) {
        return;
      }
      isPlanned = true;
      if (!isOpen) {
        return;
      }
    }
    plan();
  }

  private void plan() {
    Duration delay;
    synchronized (this) {
      delay = SAVE_AFTER.plus(SAVE_AFTER.multipliedBy(size / SMALL_BYTES));
    }
    Cancellable timer = scheduler.schedule(delay, this::save);
    synchronized (this) {
      if (isPlanned) {
        plan = timer;
        return;
      }
    }
    timer.cancel();
  }

  /**
   * Saves the present state at once. It is saved even if no change was reported: another thread may
   * be about to report the change that the caller waits for.
   *
   * @param whenSaved run once, after saving succeeded, failed or took too long; at once if nothing
   *     is saved any more
   */
  public void flush(Runnable whenSaved) {
    OnceOnly<Boolean> once = new OnceOnly<>(inTime -> whenSaved.run());
    if (isWaiting(() -> once.accept(true))) {
      save();
    } else {
      once.accept(true);
    }
    if (!once.isDone()) {
      once.then(scheduler.schedule(FLUSH_LIMIT, () -> once.accept(false))::cancel);
    }
  }

  private synchronized boolean isWaiting(Runnable whenSaved) {
    return !isClosed && store != StateStore.NONE && waiting.add(whenSaved);
  }

  /** Saves unsaved changes, and nothing after that: another router may use the store by then. */
  public void close() {
    synchronized (this) {
      isClosed = true;
    }
    save();
  }

  private void save() {
    serial.execute(this::saveUnsaved);
  }

  private void saveUnsaved() {
    List<Runnable> told;
    synchronized (this) {
      if (!isPlanned && waiting.isEmpty()) {
        return;
      }
      isPlanned = false;
      plan.cancel();
      told = waiting;
      waiting = new ArrayList<>();
    }
    try {
      store.save(collect(), () -> told.forEach(Runnable::run));
    } catch (RuntimeException | Error e) {
      report(e);
      told.forEach(Runnable::run);
    }
  }

  private ByteString collect() {
    Map<Integer, Supplier<List<ByteString>>> all;
    synchronized (this) {
      all = new TreeMap<>(parts);
    }
    // The parts have locks of their own and report changes within them: do not hold this one.
    MessageRope state = new MessageRope();
    all.forEach((field, values) -> values.get().forEach(value -> state.message(field, value)));
    ByteString collected = state.toByteString();
    synchronized (this) {
      size = collected.size();
    }
    return collected;
  }

  /** A store that throws breaks its contract; later saves and their callers go on. */
  private void report(Throwable why) {
    synchronized (this) {
      if (isBroken) {
        return;
      }
      isBroken = true;
    }
    LOG.log(System.Logger.Level.ERROR, "the state was not saved in " + store, why);
  }

  @Override
  public String toString() {
    return "state in " + store;
  }
}
