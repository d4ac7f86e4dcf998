package io.crirouter.examples.criproxy.tracing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.examples.criproxy.config.TracingConfig;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.common.ComponentLoader;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.sdk.common.export.GrpcSenderProvider;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Configures OpenTelemetry: sampling, the resource of spans, and their export. */
final class SpanExport {
  private static final Duration SEND_LIMIT = Duration.ofSeconds(10);
  private static final int MAX_EVENTS = 32;
  private static final Path NODE_NAME = Path.of("/proc/sys/kernel/hostname");

  /** Disabled: it logs each failure for developers. {@link SpanSender} logs for operators. */
  private static final Logger EXPORTER = Logger.getLogger("io.opentelemetry.exporter");

  private SpanExport() {}

  static SdkTracerProvider to(TracingConfig config, String version, SpanCounts counts) {
    EXPORTER.setLevel(Level.OFF);
    SpanLimits limits =
        SpanLimits.builder()
            .setMaxAttributeValueLength(SpanText.MAX_CHARS)
            .setMaxNumberOfEvents(MAX_EVENTS)
            .build();
    return SdkTracerProvider.builder()
        .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(config.samplingRatio())))
        .setSpanLimits(limits)
        .setResource(resource(config.serviceName(), version))
        .addSpanProcessor(new BoundedSpans(exporter(config.endpoint()), counts))
        .build();
  }

  private static Resource resource(String service, String version) {
    AttributesBuilder attributes =
        Attributes.builder()
            .put("service.name", service)
            .put("service.version", version)
            .put("process.pid", ProcessHandle.current().pid());
    try {
      attributes.put("host.name", Files.readString(NODE_NAME, UTF_8).strip());
    } catch (IOException e) {
      // Spans are useful without it.
    }
    return Resource.create(attributes.build());
  }

  private static SpanExporter exporter(SocketAddress collector) {
    GrpcSenderProvider sender = config -> new SpanSender(collector, config);
    return OtlpGrpcSpanExporter.builder()
        .setTimeout(SEND_LIMIT)
        .setMeterProvider(MeterProvider.noop())
        .setComponentLoader(new SingleComponent(sender))
        .build();
  }

  /** Provides one sender, so that OpenTelemetry searches for none. */
  private record SingleComponent(GrpcSenderProvider sender) implements ComponentLoader {
    @Override
    public <T> Iterable<T> load(Class<T> type) {
      return type.isInstance(sender) ? List.of(type.cast(sender)) : List.of();
    }
  }
}
