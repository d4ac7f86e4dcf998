package io.crirouter.examples.criproxy.tracing;

import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hands ended spans to an exporter, on a thread of its own, and counts what becomes of them. Never
 * blocks: spans for which there is no room are dropped. Thread-safe.
 */
final class BoundedSpans implements SpanProcessor {
  /** A span takes two kilobytes at most, as its text is clipped. */
  static final int MAX_WAITING = 2048;

  private static final int BATCH = 256;
  private static final Duration DELAY = Duration.ofSeconds(2);

  private final SpanCounts counts;
  private final SpanProcessor batches;
  private final AtomicInteger waiting = new AtomicInteger();

  BoundedSpans(SpanExporter exporter, SpanCounts counts) {
    this.counts = counts;
    batches =
        BatchSpanProcessor.builder(new Counted(exporter))
            .setMaxQueueSize(MAX_WAITING)
            .setMaxExportBatchSize(BATCH)
            .setScheduleDelay(DELAY)
            .setMeterProvider(MeterProvider.noop())
            .build();
  }

  @Override
  public void onStart(Context parent, ReadWriteSpan span) {}

  @Override
  public boolean isStartRequired() {
    return false;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    // The same bound as that of the queue behind, which would not tell what it drops.
    if (waiting.incrementAndGet() > MAX_WAITING) {
      waiting.decrementAndGet();
      counts.addDropped();
    } else {
      batches.onEnd(span);
    }
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }

  @Override
  public CompletableResultCode shutdown() {
    return batches.shutdown();
  }

  @Override
  public CompletableResultCode forceFlush() {
    return batches.forceFlush();
  }

  /** Counts what it hands on. */
  private final class Counted implements SpanExporter {
    private final SpanExporter exporter;

    Counted(SpanExporter exporter) {
      this.exporter = exporter;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      int number = spans.size();
      CompletableResultCode result = exporter.export(spans);
      return result.whenComplete(
          () -> {
            waiting.addAndGet(-number);
            if (result.isSuccess()) {
              counts.addSent(number);
            } else {
              counts.addFailed(number);
            }
          });
    }

    @Override
    public CompletableResultCode flush() {
      return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
      return exporter.shutdown();
    }
  }
}
