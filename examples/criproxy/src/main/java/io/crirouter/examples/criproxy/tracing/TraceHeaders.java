package io.crirouter.examples.criproxy.tracing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads and writes the W3C trace context in the headers of calls. */
final class TraceHeaders {
  private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();

  private static final TextMapGetter<CallMetadata> GETTER =
      new TextMapGetter<>() {
        @Override
        public @Nullable String get(@Nullable CallMetadata headers, String key) {
          return headers == null ? null : value(headers, key);
        }
      };

  private TraceHeaders() {}

  /** The values of all headers of one name, joined as a list. */
  private static @Nullable String value(CallMetadata headers, String key) {
    String values =
        headers.entries().stream()
            .filter(entry -> entry.key().equals(key))
            .map(entry -> entry.value().toString(UTF_8))
            .collect(Collectors.joining(","));
    return values.isEmpty() ? null : values;
  }

  /** The context with the span that {@code headers} name; without a span if they name none. */
  static Context read(CallMetadata headers) {
    return W3C.extract(Context.root(), headers, GETTER);
  }

  /** The headers with the trace context replaced by that of {@code context}. */
  static CallMetadata write(CallMetadata headers, Context context) {
    Map<String, String> injected = new LinkedHashMap<>();
    W3C.inject(context, injected, (carrier, key, value) -> injected.put(key, value));
    List<CallMetadata.Entry> entries = new ArrayList<>();
    headers.entries().stream()
        .filter(entry -> !injected.containsKey(entry.key()))
        .forEach(entries::add);
    injected.forEach(
        (key, value) -> entries.add(new CallMetadata.Entry(key, ByteString.copyFromUtf8(value))));
    return CallMetadata.of(entries);
  }
}
