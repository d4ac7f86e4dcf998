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

/** All that the proxy tells Prometheus; docs/metrics.md has the list. Thread-safe. */
final class Metrics {
  private final Families families = new Families();
  private final CallMetrics calls = new CallMetrics(families);
  private final RuntimeMetrics runtimes = new RuntimeMetrics(families);
  private final StateMetrics state = new StateMetrics(families);
  private volatile @Nullable ProxyService service;

  /**
   * Metrics of a proxy that is not there yet.
   *
   * @param version of this build
   * @param spans what became of spans
   */
  Metrics(String version, SpanCounts spans) {
    ServerMetrics unused = new ServerMetrics(families, this::server);
    families.counted(
        "criproxy_log_lines_dropped_total",
        "Log lines dropped, because they were not read fast enough.",
        values -> values.call((double) ProxyLog.ofProcess().dropped()));
    families.counted(
        "criproxy_spans_total",
        "Spans, by outcome: sent, failed (collector away), dropped (queue full).",
        values -> {
          values.call((double) spans.sent(), "sent");
          values.call((double) spans.failed(), "failed");
          values.call((double) spans.dropped(), "dropped");
        },
        "outcome");
    families.measured("criproxy_build_info", "1.", values -> values.call(1, version), "version");
    ProcessMetrics.builder().register(families.registry());
    JvmGarbageCollectorMetrics.builder().register(families.registry());
  }

  private Optional<CriServer> server() {
    ProxyService present = service;
    return present == null ? Optional.empty() : present.server();
  }

  /** Observes the router that {@code builder} makes. */
  void observe(CriRouter.Builder builder) {
    builder.observer(calls).listener(runtimes::changed);
  }

  /** The proxy is connecting. */
  void started(ProxyService proxy) {
    service = proxy;
    runtimes.started(proxy.router());
  }

  /** A save of the state has ended. */
  void saved(int bytes, @Nullable Throwable failure) {
    state.ended(bytes, failure);
  }

  /** What Prometheus gets. */
  PrometheusRegistry registry() {
    return families.registry();
  }

  /** What is documented. */
  List<Families.Family> documented() {
    return families.all();
  }
}
