package io.crirouter.examples.criproxy.tracing;

import io.crirouter.core.BackendName;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ForwardingListener;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;

/**
 * Makes a client span for each call to a runtime that belongs to a sampled call. The router's own
 * calls have none.
 */
final class RuntimeSpans implements RuntimeBackend {
  private final Tracer tracer;
  private final BackendName name;
  private final RuntimeBackend runtime;

  RuntimeSpans(Tracer tracer, BackendName name, RuntimeBackend runtime) {
    this.tracer = tracer;
    this.name = name;
    this.runtime = runtime;
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    Context call = TraceHeaders.read(request.metadata());
    if (!Span.fromContext(call).getSpanContext().isSampled()) {
      return runtime.start(request, listener);
    }
    Span span =
        SpanText.builder(tracer, request.method(), SpanKind.CLIENT)
            .setParent(call)
            .setAttribute(SpanText.BACKEND, name.value())
            .startSpan();
    CallMetadata headers = TraceHeaders.write(request.metadata(), call.with(span));
    return runtime.start(request.withMetadata(headers), new SpanEndingListener(span, listener));
  }

  @Override
  public String address() {
    return runtime.address();
  }

  @Override
  public void onReachabilityChange(Runnable listener) {
    runtime.onReachabilityChange(listener);
  }

  @Override
  public String toString() {
    return runtime.toString();
  }

  private static final class SpanEndingListener extends ForwardingListener {
    private final Span span;

    SpanEndingListener(Span span, ResponseListener client) {
      super(client);
      this.span = span;
    }

    @Override
    public void onClose(RpcStatus status) {
      SpanText.endClientSpan(span, status);
      super.onClose(status);
    }
  }
}
