package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
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
  /** Some ten thousand objects; far more than any node has. */
  static final long MAX_BYTES = 8L << 20;

  private final Map<String, Entry> sandboxes = new LinkedHashMap<>();
  private final Map<String, Entry> containers = new LinkedHashMap<>();
  private long bytes;
  private int lost;

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

    private long bytes() {
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
    return get(subject.ofSandbox(), subject.id()) != null || fits(subject);
  }

  private boolean fits(EventSubject subject) {
    return subject.canBeKept() && bytes + Entry.OVERHEAD + subject.bytes() <= MAX_BYTES;
  }

  /** Replaces the state of an object; only removes it if there is no room for the new one. */
  void put(Entry entry) {
    EventSubject subject = entry.subject();
    remove(subject.ofSandbox(), subject.id());
    if (fits(subject)) {
      of(subject.ofSandbox()).put(subject.id(), entry);
      count(entry, 1);
    }
  }

  /** Removes the state of an object. */
  void remove(boolean ofSandbox, String id) {
    Entry before = of(ofSandbox).remove(id);
    if (before != null) {
      count(before, -1);
    }
  }

  private void count(Entry entry, int sign) {
    bytes += sign * entry.bytes();
    lost += entry.isLost() ? sign : 0;
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
