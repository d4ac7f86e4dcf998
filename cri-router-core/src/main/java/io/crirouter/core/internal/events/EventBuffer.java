package io.crirouter.core.internal.events;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events that a client has not requested yet, in order. When there are too many, only the last
 * event of each container is kept, until the client has taken all. Not thread-safe.
 */
final class EventBuffer {
  /** As many events as containerd keeps for a slow subscriber. */
  static final int MAX_PLAIN = 1000;

  /** More containers and sandboxes than a node has by far. */
  static final int MAX_SUBJECTS = 4000;

  /** Events carry the annotations of their pod, which can be large. */
  static final long MAX_BYTES = 64L << 20;

  /** All events; empty while {@link #last} is in use. */
  private final Deque<ClientEvent> all = new ArrayDeque<>();

  /** The last event of each subject; empty while {@link #all} is in use. */
  private final Map<String, ClientEvent> last = new LinkedHashMap<>();

  private long bytes;

  /**
   * Adds an event at the end; false if it does not fit, after which the buffer must not be used.
   */
  boolean add(ClientEvent event) {
    bytes += event.message().size();
    if (last.isEmpty()) {
      all.add(event);
    } else {
      replace(event);
    }
    if (all.size() > MAX_PLAIN || (bytes > MAX_BYTES && last.isEmpty())) {
      all.forEach(this::replace);
      all.clear();
    }
    return last.size() <= MAX_SUBJECTS && bytes <= MAX_BYTES;
  }

  private void replace(ClientEvent event) {
    ClientEvent older = last.remove(event.subject());
    if (older != null) {
      bytes -= older.message().size();
    }
    last.put(event.subject(), event);
  }

  /** Takes the first event out; null if there is none. */
  @Nullable ClientEvent poll() {
    ClientEvent first = last.isEmpty() ? all.poll() : pollLast();
    if (first != null) {
      bytes -= first.message().size();
    }
    return first;
  }

  private ClientEvent pollLast() {
    Iterator<ClientEvent> events = last.values().iterator();
    ClientEvent first = events.next();
    events.remove();
    return first;
  }

  /** How many events wait. */
  int size() {
    return all.size() + last.size();
  }

  /** Drops everything. */
  void clear() {
    all.clear();
    last.clear();
    bytes = 0;
  }
}
