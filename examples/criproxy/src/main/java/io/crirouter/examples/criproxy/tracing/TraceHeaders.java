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

/** The trace context of W3C in the headers of calls. */
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

  /** Several headers of one name are one list. */
  private static @Nullable String value(CallMetadata headers, String key) {
    String values =
        headers.entries().stream()
            .filter(entry -> entry.key().equals(key))
            .map(entry -> entry.value().toString(UTF_8))
            .collect(Collectors.joining(","));
    return values.isEmpty() ? null : values;
  }

  /** The span that {@code headers} name, of another process perhaps; none if they name none. */
  static Context read(CallMetadata headers) {
    return W3C.extract(Context.root(), headers, GETTER);
  }

  /** The same headers, but naming the span of {@code context}. */
  static CallMetadata write(CallMetadata headers, Context context) {
    Map<String, String> own = new LinkedHashMap<>();
    W3C.inject(context, own, (carrier, key, value) -> own.put(key, value));
    List<CallMetadata.Entry> entries = new ArrayList<>();
    headers.entries().stream().filter(entry -> !own.containsKey(entry.key())).forEach(entries::add);
    own.forEach(
        (key, value) -> entries.add(new CallMetadata.Entry(key, ByteString.copyFromUtf8(value))));
    return CallMetadata.of(entries);
  }
}
