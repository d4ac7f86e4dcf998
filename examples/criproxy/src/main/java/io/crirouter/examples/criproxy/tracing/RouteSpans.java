package io.crirouter.examples.criproxy.tracing;

import io.crirouter.core.BackendName;
import io.crirouter.core.CallObservation;
import io.crirouter.core.CallObserver;
import io.crirouter.core.CallPart;
import io.crirouter.core.CallRecord;
import io.crirouter.core.CallRoute;
import io.crirouter.core.CriRequest;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;

/** Adds the routing decision and the outcome of a call to its span, and ends the span. */
final class RouteSpans implements CallObserver {
  @Override
  public CallObservation started(CriRequest request) {
    Span span = Span.current();
    return span.isRecording() ? new Routed(span) : CallObservation.NONE;
  }

  private record Routed(Span span) implements CallObservation {
    @Override
    public void routed(CallRoute route) {
      span.setAttribute(SpanText.RULE, route.rule().name());
      span.setAttribute(
          SpanText.BACKENDS, route.backends().stream().map(BackendName::value).toList());
      route.policy().ifPresent(policy -> span.setAttribute(SpanText.POLICY, policy.toString()));
      if (!route.subject().isEmpty()) {
        span.setAttribute(SpanText.SUBJECT, route.subject());
      }
    }

    @Override
    public void ended(CallRecord call) {
      call.parts().forEach(this::addEvents);
      SpanText.endServerSpan(span, call.status());
    }

    /** Adds events for missing answers. A call that was sent to a runtime has its own span. */
    private void addEvents(CallPart part) {
      Attributes backend = Attributes.of(SpanText.BACKEND, part.backend().value());
      if (!part.wasSent()) {
        span.addEvent("cri.not_asked", backend);
      }
      if (part.missedBudget()) {
        span.addEvent("cri.budget_missed", backend);
      }
      if (part.isLastKnown()) {
        span.addEvent("cri.last_known", backend);
      }
    }
  }
}
