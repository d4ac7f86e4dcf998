package io.crirouter.core.internal.inventory;

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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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

  private int size;
  private boolean isPlanned;
  private boolean isClosed;
  private boolean isBroken;
  private Cancellable plan = () -> {};

  /** Whether a thread collects a state now: one at a time, so that the newest is the last. */
  private boolean isSaving;

  /** Whether that thread has to do it once more. */
  private boolean isWantedAgain;

  /** The next state. */
  private Write next = new Write();

  /** The last state that was handed to the store; null once it is written. */
  private @Nullable Write underWay;

  /** One state on its way to the store, and what waits until it is there. */
  private static final class Write {
    final List<Runnable> waiting = new ArrayList<>();
  }

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

  /** Called when a part has changed. Saves the state soon. */
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
    Cancellable timer = scheduler.schedule(delay, this::savePlanned);
    synchronized (this) {
      if (isPlanned) {
        plan = timer;
        return;
      }
    }
    timer.cancel();
  }

  private void savePlanned() {
    synchronized (this) {
      if (!isPlanned || !mayBegin()) {
        return;
      }
    }
    save();
  }

  /** Whether the caller has to save; if not, the thread that does will do it once more. */
  private boolean mayBegin() {
    isWantedAgain = isSaving;
    if (isSaving) {
      return false;
    }
    isSaving = true;
    return true;
  }

  /**
   * Saves unsaved changes at once.
   *
   * @param whenSaved run once, after saving succeeded, failed or took too long; at once if there is
   *     nothing to save
   */
  public void flush(Runnable whenSaved) {
    OnceOnly<Boolean> once = new OnceOnly<>(inTime -> whenSaved.run());
    Runnable saved = () -> once.accept(true);
    if (!isWaiting(saved)) {
      saved.run();
    } else if (mustSave()) {
      save();
    }
    if (!once.isDone()) {
      once.then(scheduler.schedule(FLUSH_LIMIT, () -> giveUp(saved, once))::cancel);
    }
  }

  private void giveUp(Runnable saved, OnceOnly<Boolean> once) {
    synchronized (this) {
      next.waiting.remove(saved);
      if (underWay != null) {
        underWay.waiting.remove(saved);
      }
    }
    once.accept(false);
  }

  /** Whether something is unsaved, so that {@code whenSaved} has to wait and will be run. */
  private synchronized boolean isWaiting(Runnable whenSaved) {
    if (!isClosed && (isPlanned || isSaving)) {
      next.waiting.add(whenSaved);
      return true;
    }
    if (underWay != null) {
      underWay.waiting.add(whenSaved);
      return true;
    }
    return false;
  }

  private synchronized boolean mustSave() {
    return !next.waiting.isEmpty() && mayBegin();
  }

  /** Saves unsaved changes, and nothing after that: another router may use the store by then. */
  public void close() {
    synchronized (this) {
      boolean isUnsaved = isPlanned && !isClosed;
      isClosed = true;
      if (!isUnsaved || !mayBegin()) {
        return;
      }
    }
    save();
  }

  private void save() {
    do {
      Write write = begin();
      try {
        store.save(collect(), () -> written(write));
      } catch (RuntimeException | Error e) {
        report(e);
        written(write);
      }
    } while (mustGoOn());
  }

  private synchronized Write begin() {
    Write write = next;
    next = new Write();
    underWay = write;
    isPlanned = false;
    isWantedAgain = false;
    plan.cancel();
    return write;
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

  private synchronized boolean mustGoOn() {
    isSaving = isWantedAgain;
    return isSaving;
  }

  private void written(Write write) {
    List<Runnable> waiting;
    synchronized (this) {
      waiting = List.copyOf(write.waiting);
      write.waiting.clear();
      underWay = underWay == write ? null : underWay;
    }
    waiting.forEach(Runnable::run);
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
