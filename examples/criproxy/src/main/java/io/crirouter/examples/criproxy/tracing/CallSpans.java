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
 * Begins a span for each call of a client, in the client's trace, and lets the headers of the call
 * name it: runtimes see it as their parent. {@link RouteSpans} ends it. A call that is not sampled
 * passes as it is.
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
    Context own = client.with(span);
    CriRequest within = request.withMetadata(TraceHeaders.write(request.metadata(), own));
    // The router tells its observers of the call before it returns, on this thread.
    return own.wrapSupplier(() -> router.start(within, listener)).get();
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
