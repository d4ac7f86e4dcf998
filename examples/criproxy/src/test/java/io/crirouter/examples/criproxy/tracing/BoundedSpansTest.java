package io.crirouter.examples.criproxy.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.examples.criproxy.service.Await;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bounds and counts of spans. */
@Timeout(30)
class BoundedSpansTest {
  private final SpanCounts counts = new SpanCounts();

  /** An exporter whose exports are completed by the test. */
  private static final class Stuck implements SpanExporter {
    final CompletableFuture<Boolean> end = new CompletableFuture<>();

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      CompletableResultCode result = new CompletableResultCode();
      var unused =
          end.thenAccept(
              isSent -> {
                if (isSent) {
                  result.succeed();
                } else {
                  result.fail();
                }
              });
      return result;
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  @Test
  void spansBeyondTheBoundAreDroppedAndCountedWithoutWaiting() throws Exception {
    Stuck collector = new Stuck();
    int tooMany = 100;
    try (SdkTracerProvider spans =
        SdkTracerProvider.builder().addSpanProcessor(new BoundedSpans(collector, counts)).build()) {
      Tracer tracer = spans.get("test");
      for (int i = 0; i < BoundedSpans.MAX_QUEUED + tooMany; i++) {
        tracer.spanBuilder("call").startSpan().end();
      }

      assertThat(counts.dropped()).isEqualTo(tooMany);
      assertThat(counts.sent()).isZero();
      collector.end.complete(true);
      Await.until("all are sent", () -> counts.sent() == BoundedSpans.MAX_QUEUED);
      tracer.spanBuilder("call").startSpan().end();
      assertThat(counts.dropped()).as("there is room again").isEqualTo(tooMany);
    }
    assertThat(counts.failed()).isZero();
  }

  @Test
  void spansThatCannotBeSentAreCounted() throws Exception {
    Stuck collector = new Stuck();
    collector.end.complete(false);
    try (SdkTracerProvider spans =
        SdkTracerProvider.builder().addSpanProcessor(new BoundedSpans(collector, counts)).build()) {
      spans.get("test").spanBuilder("call").startSpan().end();
    }

    assertThat(counts.failed()).isEqualTo(1);
    assertThat(counts.sent()).isZero();
  }
}
