package io.crirouter.core.internal.events;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All events that wait for one client. Runtimes take turns, so that none delays an event of another
 * by more than one of its own; the events of one runtime, and so of one sandbox, keep their order.
 * Not thread-safe.
 */
final class EventQueue {
  private final EventBudget budget;

  /** In the order of their turns. Those that are neither used nor behind are left out. */
  private final Map<EventSource, EventBuffer> buffers = new LinkedHashMap<>();

  /** An empty queue, whose events count against {@code budget}. */
  EventQueue(EventBudget budget) {
    this.budget = budget;
  }

  /** Adds an event of {@code source}. */
  void add(EventSource source, ClientEvent event) {
    buffers.computeIfAbsent(source, key -> new EventBuffer(key, budget)).add(event);
  }

  /** Takes an event of the runtime whose turn it is; null if none waits. */
  @Nullable ClientEvent poll() {
    for (Map.Entry<EventSource, EventBuffer> next : List.copyOf(buffers.entrySet())) {
      EventSource source = next.getKey();
      EventBuffer buffer = next.getValue();
      ClientEvent event = buffer.poll();
      buffers.remove(source);
      if (buffer.size() > 0 || buffer.hasLost()) {
        buffers.put(source, buffer);
      }
      if (event != null) {
        return event;
      }
    }
    return null;
  }

  /** Whether events of {@code source} were dropped that were not repeated. */
  boolean hasLost(EventSource source) {
    EventBuffer buffer = buffers.get(source);
    return buffer != null && buffer.hasLost();
  }

  /** The sources of which that is so, and of which the client has taken all other events. */
  List<EventSource> behind() {
    List<EventSource> behind = new ArrayList<>();
    buffers.forEach(
        (source, buffer) -> {
          if (buffer.hasLost() && buffer.size() == 0) {
            behind.add(source);
          }
        });
    return behind;
  }

  /** Called when the states of all that was dropped of {@code source} have been repeated. */
  void caughtUp(EventSource source) {
    EventBuffer buffer = buffers.get(source);
    if (buffer != null) {
      buffer.caughtUp();
    }
  }

  /** How many events wait. */
  int size() {
    return buffers.values().stream().mapToInt(EventBuffer::size).sum();
  }

  /** Drops everything. */
  void clear() {
    for (Iterator<EventBuffer> each = buffers.values().iterator(); each.hasNext(); ) {
      each.next().clear();
      each.remove();
    }
  }
}
