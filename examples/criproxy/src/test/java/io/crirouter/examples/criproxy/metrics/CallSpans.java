package io.crirouter.examples.criproxy.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.CallMetadata;
import io.crirouter.core.CallObservation;
import io.crirouter.core.CallObserver;
import io.crirouter.core.CallPart;
import io.crirouter.core.CallRecord;
import io.crirouter.core.CallRoute;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Makes a span of each call in the trace of its client, and one of what each runtime does for it.
 */
final class CallSpans implements CallObserver {
  private final Tracer tracer;

  CallSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public CallObservation started(CriRequest request) {
    Context client =
        W3CTraceContextPropagator.getInstance()
            .extract(Context.root(), request.metadata(), HEADERS);
    Span span =
        tracer
            .spanBuilder(request.method().name())
            .setParent(client)
            .setSpanKind(SpanKind.SERVER)
            .startSpan();
    return new CallObservation() {
      @Override
      public void routed(CallRoute route) {
        span.setAttribute("cri.rule", route.rule().name());
      }

      @Override
      public void ended(CallRecord call) {
        call.parts().forEach(part -> addPart(span, call.startedAt(), part));
        setStatus(span, call.status());
        span.end();
      }
    };
  }

  private void addPart(Span call, Instant callStart, CallPart part) {
    Instant start = callStart.plus(part.startedAfter());
    Span span =
        tracer
            .spanBuilder(part.backend() + " " + part.method())
            .setParent(Context.root().with(call))
            .setSpanKind(SpanKind.CLIENT)
            .setStartTimestamp(start)
            .startSpan();
    span.setAttribute("cri.last_known", part.isLastKnown());
    setStatus(span, part.status());
    span.end(start.plus(part.latency()));
  }

  private static void setStatus(Span span, RpcStatus status) {
    span.setAttribute("rpc.grpc.status_code", status.code().number());
    if (!status.isOk()) {
      span.setStatus(StatusCode.ERROR, status.message());
    }
  }

  private static final TextMapGetter<CallMetadata> HEADERS =
      new TextMapGetter<>() {
        @Override
        public @Nullable String get(@Nullable CallMetadata headers, String key) {
          return headers == null
              ? null
              : headers.entries().stream()
                  .filter(entry -> entry.key().equals(key))
                  .map(entry -> entry.value().toString(UTF_8))
                  .findFirst()
                  .orElse(null);
        }
      };
}
