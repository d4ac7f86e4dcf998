package io.crirouter.core.internal.events;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events of one runtime that one client has not requested yet, in order. When there are too many,
 * only the last event of each container and sandbox is kept, until the client has taken all. What
 * is left keeps its order. Not thread-safe.
 */
final class EventBuffer {
  /** As many events as containerd keeps for a slow subscriber. */
  static final int MAX_PLAIN = 1000;

  private final EventSource source;
  private final EventBudget budget;

  /** All events; empty while {@link #last} is in use. */
  private final Deque<ClientEvent> all = new ArrayDeque<>();

  /** The last event of each subject, by its id; empty while {@link #all} is in use. */
  private final Map<String, ClientEvent> last = new LinkedHashMap<>();

  private long bytes;
  private boolean hasLost;

  /** An empty buffer, whose events count against {@code budget}. */
  EventBuffer(EventSource source, EventBudget budget) {
    this.source = source;
    this.budget = budget;
  }

  /** Adds an event at the end. */
  void add(ClientEvent event) {
    count(event.bytes());
    if (last.isEmpty()) {
      all.add(event);
    } else {
      replace(event);
    }
    if (all.size() > MAX_PLAIN) {
      coalesce();
    }
  }

  /** Takes the first event out; null if there is none. */
  @Nullable ClientEvent poll() {
    ClientEvent first = last.isEmpty() ? all.poll() : pollLast();
    if (first != null) {
      count(-first.bytes());
    }
    return first;
  }

  private ClientEvent pollLast() {
    Iterator<ClientEvent> events = last.values().iterator();
    ClientEvent first = events.next();
    events.remove();
    return first;
  }

  /** Makes room: keeps only the last event of each subject, or none if that is so already. */
  void shrink() {
    if (!all.isEmpty()) {
      coalesce();
      return;
    }
    hasLost = true;
    List<ClientEvent> dropped = List.copyOf(last.values());
    clear();
    source.lost(dropped);
  }

  private void coalesce() {
    all.forEach(this::replace);
    all.clear();
  }

  private void replace(ClientEvent event) {
    ClientEvent older = last.remove(event.subject().id());
    if (older != null) {
      count(-older.bytes());
      source.coalesced();
    }
    last.put(event.subject().id(), event);
  }

  /** Takes all events out. */
  void clear() {
    all.clear();
    last.clear();
    count(-bytes);
  }

  private void count(long more) {
    bytes += more;
    budget.changed(this, more);
  }

  /** Whether events were dropped that were not repeated. */
  boolean hasLost() {
    return hasLost;
  }

  /** Called when the states of all that was dropped have been repeated. */
  void caughtUp() {
    hasLost = false;
  }

  /** How many events wait. */
  int size() {
    return all.size() + last.size();
  }

  /** What they hold of the memory, in bytes. */
  long bytes() {
    return bytes;
  }
}
