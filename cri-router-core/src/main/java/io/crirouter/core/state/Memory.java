package io.crirouter.core.state;

import com.google.protobuf.ByteString;
import io.crirouter.core.Scheduler;
import io.crirouter.core.StateStore;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.WireMessage;
import io.crirouter.core.wire.WireWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Saves what several parts of the router remember, as one state, a moment after any of it changed.
 * Thread-safe.
 */
public final class Memory {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  /** Long enough to make one write of a burst of changes. */
  private static final Duration SAVE_AFTER = Duration.ofMillis(100);

  private static final int PART = 1;
  private static final int PART_NAME = 1;
  private static final int PART_CONTENT = 2;

  private final StateStore store;
  private final Scheduler scheduler;
  private final Map<String, Part> parts = new LinkedHashMap<>();
  private final Map<String, ByteString> loaded = new LinkedHashMap<>();
  private final boolean lost;

  /** Held while parts are asked, which lock themselves and call {@link #changed} within that. */
  private final Object saving = new Object();

  private boolean scheduled;
  private boolean closed;

  /** Something with a memory. */
  public interface Part {
    /** What it remembers now. */
    ByteString remember() throws MalformedMessageException;
  }

  /** Loads what {@code store} has. */
  public Memory(StateStore store, Scheduler scheduler) {
    this.store = store;
    this.scheduler = scheduler;
    this.lost = !load();
  }

  private boolean load() {
    try {
      WireMessage state = WireMessage.parse(store.load().orElse(ByteString.EMPTY));
      for (WireMessage part : state.messages(PART)) {
        loaded.put(part.string(PART_NAME), part.value(PART_CONTENT));
      }
      return true;
    } catch (IOException | MalformedMessageException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "what the router knew before its restart is lost; it learns anew from the runtimes: {0}",
          e.getMessage());
      return false;
    }
  }

  /** Whether there was something to remember that could not be read. */
  public boolean wasLost() {
    return lost;
  }

  /** Registers a part; returns what it remembered before the restart, or null. */
  public synchronized @Nullable ByteString register(String name, Part part) {
    parts.put(name, part);
    return loaded.get(name);
  }

  /** Forgets a part, also what it remembered before the restart. */
  public void unregister(String name) {
    synchronized (this) {
      parts.remove(name);
      loaded.remove(name);
    }
    changed();
  }

  /** Some part remembers something else than before. */
  public void changed() {
    if (store == StateStore.NONE) {
      return;
    }
    synchronized (this) {
      if (scheduled || closed) {
        return;
      }
      scheduled = true;
    }
    Runnable unused = scheduler.schedule(SAVE_AFTER, this::save);
  }

  /** Saves what is unsaved, and no more after that: the next router may have begun. */
  public void close() {
    save();
    synchronized (this) {
      closed = true;
    }
  }

  private void save() {
    Map<String, Part> asked;
    synchronized (saving) {
      synchronized (this) {
        if (!scheduled) {
          return;
        }
        scheduled = false;
        asked = new LinkedHashMap<>(parts);
      }
      try {
        store.save(remember(asked));
      } catch (MalformedMessageException e) {
        LOG.log(System.Logger.Level.WARNING, "cannot save the state: {0}", e.getMessage());
      }
    }
  }

  private static ByteString remember(Map<String, Part> parts) throws MalformedMessageException {
    WireWriter state = new WireWriter();
    for (Map.Entry<String, Part> part : parts.entrySet()) {
      state.message(
          PART,
          new WireWriter()
              .string(PART_NAME, part.getKey())
              .message(PART_CONTENT, part.getValue().remember())
              .toByteString());
    }
    return state.toByteString();
  }
}
