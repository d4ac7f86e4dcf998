package io.crirouter.examples.criproxy.tracing;

import java.util.concurrent.atomic.LongAdder;

/** What became of the spans of this process. Thread-safe. */
public final class SpanCounts {
  private final LongAdder sent = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder dropped = new LongAdder();

  /** Spans that the collector has taken. */
  public long sent() {
    return sent.sum();
  }

  /** Spans that could not be sent. */
  public long failed() {
    return failed.sum();
  }

  /** Spans for which there was no room, because too many waited. */
  public long dropped() {
    return dropped.sum();
  }

  void addSent(int spans) {
    sent.add(spans);
  }

  void addFailed(int spans) {
    failed.add(spans);
  }

  void addDropped() {
    dropped.increment();
  }
}
