package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.call.SharedLimit;
import io.crirouter.proto.v1.ContainerEventType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The delivered states of one runtime's sandboxes and containers, by kind and id. Bounded in bytes:
 * a runtime can name as many objects as it likes. Not thread-safe.
 */
final class StateTable {
  /** What one runtime may have. Some ten thousand objects; far more than any node has. */
  private static final long MAX_BYTES = 8L << 20;

  /** What all secondaries may have together. */
  private static final long MAX_BYTES_OF_SECONDARIES = 12L << 20;

  private final SharedLimit.Share bytes;
  private final Map<String, Entry> sandboxes = new LinkedHashMap<>();
  private final Map<String, Entry> containers = new LinkedHashMap<>();
  private int lost;

  /** An empty table. */
  StateTable(SharedLimit.Share bytes) {
    this.bytes = bytes;
  }

  /** The limit for one primary. */
  static SharedLimit limitOfPrimary() {
    return new SharedLimit(MAX_BYTES, MAX_BYTES);
  }

  /** The limit that all secondaries share. */
  static SharedLimit limitOfSecondaries() {
    return new SharedLimit(MAX_BYTES, MAX_BYTES_OF_SECONDARIES);
  }

  /** Called when the table is no longer used. */
  void close() {
    bytes.close();
  }

  /**
   * The delivered state of one sandbox or container.
   *
   * @param subject the object
   * @param last the last event
   * @param byList whether it was found by comparing lists, rather than received in an event
   * @param isLost whether some client did not get the event
   */
  record Entry(EventSubject subject, ContainerEventType last, boolean byList, boolean isLost) {
    /** About what the objects around an entry cost. */
    private static final int OVERHEAD = 256;

    private static long bytes(EventSubject subject) {
      return OVERHEAD + subject.bytes();
    }
  }

  private Map<String, Entry> of(boolean ofSandbox) {
    return ofSandbox ? sandboxes : containers;
  }

  /** The state of an object; null if there is none. */
  @Nullable Entry get(boolean ofSandbox, String id) {
    return of(ofSandbox).get(id);
  }

  /** Calls {@code action} with all states of one kind. */
  void forEach(boolean ofSandbox, Consumer<Entry> action) {
    of(ofSandbox).values().forEach(action);
  }

  /** Whether a state of this object is, or could be, in the table. */
  boolean hasRoomFor(EventSubject subject) {
    return get(subject.ofSandbox(), subject.id()) != null
        || (subject.canBeKept() && bytes.mayTake(Entry.bytes(subject)));
  }

  /** Replaces the state of an object; only removes it if there is no room for the new one. */
  void put(Entry entry) {
    EventSubject subject = entry.subject();
    remove(subject.ofSandbox(), subject.id());
    if (subject.canBeKept() && bytes.take(Entry.bytes(subject))) {
      of(subject.ofSandbox()).put(subject.id(), entry);
      lost += entry.isLost() ? 1 : 0;
    }
  }

  /** Removes the state of an object. */
  void remove(boolean ofSandbox, String id) {
    Entry before = of(ofSandbox).remove(id);
    if (before != null) {
      bytes.free(Entry.bytes(before.subject()));
      lost -= before.isLost() ? 1 : 0;
    }
  }

  /** Whether some client did not get some of the states. */
  boolean hasLost() {
    return lost > 0;
  }

  /** The identity of a sandbox, as far as known. */
  ByteString identity(String sandbox) {
    Entry entry = sandboxes.get(sandbox);
    return entry == null || entry.subject().identity().isEmpty()
        ? SandboxIdentity.ofId(sandbox)
        : entry.subject().identity();
  }
}
