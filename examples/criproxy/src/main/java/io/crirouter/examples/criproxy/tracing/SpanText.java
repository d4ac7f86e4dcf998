package io.crirouter.examples.criproxy.tracing;

import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcStatus;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The attributes of spans: OpenTelemetry's conventions for RPC, and attributes of CRI. */
final class SpanText {
  static final AttributeKey<String> BACKEND = AttributeKey.stringKey("cri.backend");
  static final AttributeKey<List<String>> BACKENDS = AttributeKey.stringArrayKey("cri.backends");
  static final AttributeKey<String> RULE = AttributeKey.stringKey("cri.rule");
  static final AttributeKey<String> POLICY = AttributeKey.stringKey("cri.policy");
  static final AttributeKey<String> SUBJECT = AttributeKey.stringKey("cri.subject");

  /** The limit for attributes and status messages, which are clipped. */
  static final int MAX_CHARS = 256;

  private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("rpc.system");
  private static final AttributeKey<String> SERVICE = AttributeKey.stringKey("rpc.service");
  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("rpc.method");
  private static final AttributeKey<Long> CODE = AttributeKey.longKey("rpc.grpc.status_code");

  /** The codes that are errors of a server span by the conventions. */
  private static final Set<RpcStatus.Code> SERVER_ERRORS =
      EnumSet.of(
          RpcStatus.Code.UNKNOWN,
          RpcStatus.Code.DEADLINE_EXCEEDED,
          RpcStatus.Code.UNIMPLEMENTED,
          RpcStatus.Code.INTERNAL,
          RpcStatus.Code.UNAVAILABLE,
          RpcStatus.Code.DATA_LOSS);

  private SpanText() {}

  static SpanBuilder builder(Tracer tracer, CriMethod method, SpanKind kind) {
    String path = method.path("v1");
    return tracer
        .spanBuilder(path)
        .setSpanKind(kind)
        .setAttribute(SYSTEM, "grpc")
        .setAttribute(SERVICE, path.substring(0, path.indexOf('/')))
        .setAttribute(METHOD, method.name());
  }

  /** Ends the span of a call that this process served. */
  static void endServerSpan(Span span, RpcStatus status) {
    end(span, status, SERVER_ERRORS.contains(status.code()));
  }

  /** Ends the span of a call that this process made. */
  static void endClientSpan(Span span, RpcStatus status) {
    end(span, status, !status.isOk());
  }

  private static void end(Span span, RpcStatus status, boolean isError) {
    span.setAttribute(CODE, (long) status.code().number());
    if (isError) {
      span.setStatus(StatusCode.ERROR, clipped(status.message()));
    }
    span.end();
  }

  private static String clipped(String text) {
    return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS);
  }
}
