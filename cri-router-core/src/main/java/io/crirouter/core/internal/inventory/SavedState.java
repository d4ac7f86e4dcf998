package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.Scheduler;
import io.crirouter.core.StateStore;
import io.crirouter.core.internal.call.OnceOnly;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.MessageRope;
import io.crirouter.core.internal.wire.WireMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * What survives a restart of the router: its parts are put together and handed to the {@link
 * StateStore} a moment after one of them changed, or at once where somebody waits for it.
 * Thread-safe.
 */
public final class SavedState {
  /** The runtime config that was told last. */
  public static final int RUNTIME_CONFIG = 2;

  /** Present while clients may know the ids of secondaries as the runtimes do. */
  public static final int NATIVE_IDS = 3;

  /** The inventories, one field each. */
  static final int INVENTORIES = 1;

  private static final System.Logger LOG = System.getLogger("io.crirouter");

  /** Long enough to make one write of a burst of changes. */
  private static final Duration SAVE_AFTER = Duration.ofMillis(100);

  /** Nobody waits longer for a store that hangs: pods must start on a node with a broken disk. */
  private static final Duration FLUSH_LIMIT = Duration.ofSeconds(2);

  /** A state of this size is saved half as often: what is written in a second has a bound. */
  private static final int SMALL_BYTES = 1 << 20;

  private final StateStore store;
  private final Scheduler scheduler;
  private final WireMessage loaded;
  private final boolean isLost;
  private final Map<Integer, Supplier<List<ByteString>>> parts = new TreeMap<>();

  private int size;
  private boolean isPlanned;
  private boolean isClosed;
  private Runnable cancelPlan = () -> {};

  /** Loads what {@code store} has. */
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

  static void reportLoss(Exception why) {
    LOG.log(
        System.Logger.Level.ERROR,
        "what the router knew before its restart is lost; it learns anew from the runtimes: {0}",
        why.getMessage());
  }

  /** Whether there was a state that could not be read. */
  public boolean isLost() {
    return isLost;
  }

  /** What was saved in a field before the restart; empty if nothing was. */
  public List<ByteString> loaded(int field) {
    return loaded.values(field);
  }

  /** Adds a part: the values of a field, asked for whenever the state is saved. */
  public synchronized void add(int field, Supplier<List<ByteString>> values) {
    parts.put(field, values);
  }

  /** Something is different now: saved soon. */
  public void changed() {
    if (store == StateStore.NONE) {
      return;
    }
    Duration delay;
    synchronized (this) {
      if (isPlanned || isClosed) {
        return;
      }
      isPlanned = true;
      delay = SAVE_AFTER.plus(SAVE_AFTER.multipliedBy(size / SMALL_BYTES));
    }
    Runnable cancel = scheduler.schedule(delay, this::savePlanned);
    synchronized (this) {
      if (isPlanned) {
        cancelPlan = cancel;
        return;
      }
    }
    cancel.run();
  }

  private void savePlanned() {
    synchronized (this) {
      if (!isPlanned) {
        return;
      }
    }
    save(() -> {});
  }

  /**
   * Saves at once what is not saved yet.
   *
   * @param whenSaved run once when that is so, cannot be had or takes too long; at once if nothing
   *     is unsaved
   */
  public void flush(Runnable whenSaved) {
    boolean isUnsaved;
    synchronized (this) {
      isUnsaved = isPlanned && !isClosed;
    }
    if (!isUnsaved) {
      whenSaved.run();
      return;
    }
    OnceOnly<Boolean> once = new OnceOnly<>(inTime -> whenSaved.run());
    save(() -> once.accept(true));
    if (!once.isDone()) {
      once.then(scheduler.schedule(FLUSH_LIMIT, () -> once.accept(false)));
    }
  }

  /** Saves what is unsaved, and no more after that: the next router may have begun. */
  public void close() {
    flush(() -> {});
    synchronized (this) {
      isClosed = true;
    }
  }

  private void save(Runnable whenSaved) {
    Map<Integer, Supplier<List<ByteString>>> all;
    synchronized (this) {
      isPlanned = false;
      cancelPlan.run();
      all = new TreeMap<>(parts);
    }
    // The parts lock themselves, and report changes while they do: not within the lock.
    MessageRope state = new MessageRope();
    all.forEach((field, values) -> values.get().forEach(value -> state.message(field, value)));
    ByteString saved = state.toByteString();
    synchronized (this) {
      size = saved.size();
    }
    store.save(saved, whenSaved);
  }

  @Override
  public String toString() {
    return "state in " + store;
  }
}
