package io.crirouter.core.internal.events;

import static java.util.Comparator.comparingLong;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Bounds the bytes of all events that wait for clients. When they are too many, the largest buffer
 * gives way. So a runtime that sends without end, and a client that reads nothing, cost nobody else
 * an event. Not thread-safe.
 */
final class EventBudget {
  private final long maxBytes;

  /** The buffers that are not empty. */
  private final Set<EventBuffer> buffers = new LinkedHashSet<>();

  private long bytes;

  /**
   * @param maxBytes how much may wait in all buffers together
   */
  EventBudget(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Called by a buffer that holds {@code more} bytes than before. */
  void changed(EventBuffer buffer, long more) {
    bytes += more;
    if (buffer.bytes() > 0) {
      buffers.add(buffer);
    } else {
      buffers.remove(buffer);
    }
  }

  /** Makes room until what waits is within the bound. */
  void enforce() {
    while (bytes > maxBytes) {
      Collections.max(buffers, comparingLong(EventBuffer::bytes)).shrink();
    }
  }

  /** What waits in all buffers. */
  long bytes() {
    return bytes;
  }
}
