package io.crirouter.examples.criproxy.metrics;

import io.crirouter.core.CriRouter;
import io.crirouter.examples.criproxy.logging.ProxyLog;
import io.crirouter.examples.criproxy.service.ProxyService;
import io.crirouter.examples.criproxy.tracing.SpanCounts;
import io.crirouter.grpc.CriServer;
import io.prometheus.metrics.instrumentation.jvm.JvmGarbageCollectorMetrics;
import io.prometheus.metrics.instrumentation.jvm.ProcessMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** All metrics of the proxy, documented in docs/metrics.md. Thread-safe. */
final class Metrics {
  private final Families families = new Families();
  private final CallMetrics calls = new CallMetrics(families);
  private final RuntimeMetrics runtimes = new RuntimeMetrics(families);
  private final StateMetrics state = new StateMetrics(families);
  private volatile @Nullable ProxyService service;

  /**
   * Creates the metrics of a proxy that is about to start.
   *
   * @param version the version of this build
   * @param spans the counts of spans
   */
  Metrics(String version, SpanCounts spans) {
    ServerMetrics unused = new ServerMetrics(families, this::server);
    families.callbackCounter(
        "criproxy_log_lines_dropped_total",
        "Log lines dropped, because they were not read fast enough.",
        values -> values.call((double) ProxyLog.ofProcess().dropped()));
    families.callbackCounter(
        "criproxy_spans_total",
        "Spans, by outcome: sent, failed (collector away), dropped (queue full).",
        values -> {
          values.call((double) spans.sent(), "sent");
          values.call((double) spans.failed(), "failed");
          values.call((double) spans.dropped(), "dropped");
        },
        "outcome");
    families.callbackGauge(
        "criproxy_build_info", "1.", values -> values.call(1, version), "version");
    ProcessMetrics.builder().register(families.registry());
    JvmGarbageCollectorMetrics.builder().register(families.registry());
  }

  private Optional<CriServer> server() {
    ProxyService present = service;
    return present == null ? Optional.empty() : present.server();
  }

  /** Observes the router of {@code builder}. */
  void observe(CriRouter.Builder builder) {
    builder.observer(calls).listener(runtimes::changed);
  }

  /** Sets the proxy, which is connecting. */
  void started(ProxyService proxy) {
    service = proxy;
    runtimes.started(proxy.router());
  }

  /** Counts a save of the state. */
  void saved(int bytes, @Nullable Throwable failure) {
    state.ended(bytes, failure);
  }

  /** The registry of all metrics. */
  PrometheusRegistry registry() {
    return families.registry();
  }

  /** The documented metrics. */
  List<Families.Family> documented() {
    return families.all();
  }
}
