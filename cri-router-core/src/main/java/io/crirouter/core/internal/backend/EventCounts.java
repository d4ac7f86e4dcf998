package io.crirouter.core.internal.backend;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the events of one runtime for as long as the router has it, from one subscription to the
 * next. Thread-safe.
 */
public final class EventCounts {
  private final LongAdder received = new LongAdder();
  private final LongAdder coalesced = new LongAdder();
  private final LongAdder dropped = new LongAdder();

  /** Nothing counted yet. */
  public EventCounts() {}

  /** The runtime has sent an event. */
  public void receivedOne() {
    received.increment();
  }

  /** A newer event takes the place of one that a client has not read. */
  public void coalescedOne() {
    coalesced.increment();
  }

  /** A client does not get so many events. */
  public void dropped(int events) {
    dropped.add(events);
  }

  /** Events that the runtime has sent. */
  public long received() {
    return received.sum();
  }

  /** Events that a newer one took the place of before a client read them. */
  public long coalesced() {
    return coalesced.sum();
  }

  /** Events that a client did not get because too many bytes waited. */
  public long dropped() {
    return dropped.sum();
  }
}
