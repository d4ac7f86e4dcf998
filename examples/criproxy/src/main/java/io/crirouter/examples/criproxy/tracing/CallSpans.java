package io.crirouter.examples.criproxy.tracing;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;

/**
 * Starts a server span for each call of a client, in the client's trace. The headers of the call
 * name this span, so that it is the parent of the runtimes' spans. {@link RouteSpans} ends it. A
 * call that is not sampled passes unchanged.
 */
final class CallSpans implements RuntimeBackend {
  private final Tracer tracer;
  private final RuntimeBackend router;

  CallSpans(Tracer tracer, RuntimeBackend router) {
    this.tracer = tracer;
    this.router = router;
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    Context client = TraceHeaders.read(request.metadata());
    Span span =
        SpanText.builder(tracer, request.method(), SpanKind.SERVER).setParent(client).startSpan();
    if (!span.isRecording()) {
      return router.start(request, listener);
    }
    Context context = client.with(span);
    CriRequest traced = request.withMetadata(TraceHeaders.write(request.metadata(), context));
    // The router notifies its observers on this thread before it returns.
    return context.wrapSupplier(() -> router.start(traced, listener)).get();
  }

  @Override
  public String address() {
    return router.address();
  }

  @Override
  public String toString() {
    return "CallSpans(" + router + ")";
  }
}
