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
 * Passes ended spans to an exporter, on its own thread, and counts the outcomes. Never blocks:
 * spans beyond the bound of its queue are dropped. Thread-safe.
 */
final class BoundedSpans implements SpanProcessor {
  /** A span has two kilobytes at most, because its text is clipped. */
  static final int MAX_QUEUED = 2048;

  private static final int BATCH = 256;
  private static final Duration DELAY = Duration.ofSeconds(2);

  private final SpanCounts counts;
  private final SpanProcessor batches;
  private final AtomicInteger queued = new AtomicInteger();

  BoundedSpans(SpanExporter exporter, SpanCounts counts) {
    this.counts = counts;
    batches =
        BatchSpanProcessor.builder(new CountingExporter(exporter))
            .setMaxQueueSize(MAX_QUEUED)
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
    // The batch processor has the same bound, but does not count the spans that it drops.
    if (queued.incrementAndGet() > MAX_QUEUED) {
      queued.decrementAndGet();
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

  /** Counts the outcomes of an exporter. */
  private final class CountingExporter implements SpanExporter {
    private final SpanExporter exporter;

    CountingExporter(SpanExporter exporter) {
      this.exporter = exporter;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      int number = spans.size();
      CompletableResultCode result = exporter.export(spans);
      return result.whenComplete(
          () -> {
            queued.addAndGet(-number);
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
