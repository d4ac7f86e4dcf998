package io.crirouter.examples.criproxy.tracing;

import java.util.concurrent.atomic.LongAdder;

/** Counts the outcomes of spans. Thread-safe. */
public final class SpanCounts {
  private final LongAdder sent = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder dropped = new LongAdder();

  /** Spans that the collector has accepted. */
  public long sent() {
    return sent.sum();
  }

  /** Spans that could not be sent. */
  public long failed() {
    return failed.sum();
  }

  /** Spans that were dropped because the queue was full. */
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
