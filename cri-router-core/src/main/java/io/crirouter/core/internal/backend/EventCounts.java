package io.crirouter.core.internal.backend;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the events of one runtime for as long as the router has it, from one subscription to the
 * next. Thread-safe.
 *
 * @param received those that the runtime has sent
 * @param coalesced those that a newer one took the place of before a client read them
 * @param dropped those that a client did not get because too many bytes waited
 */
public record EventCounts(LongAdder received, LongAdder coalesced, LongAdder dropped) {
  /** Nothing counted yet. */
  EventCounts() {
    this(new LongAdder(), new LongAdder(), new LongAdder());
  }
}
