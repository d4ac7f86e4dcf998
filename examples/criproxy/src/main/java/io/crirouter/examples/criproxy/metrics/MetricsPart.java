package io.crirouter.examples.criproxy.metrics;

import io.crirouter.core.CriRouter;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.examples.criproxy.service.Probes;
import io.crirouter.examples.criproxy.service.ProxyService;
import io.crirouter.examples.criproxy.service.ServicePart;
import io.crirouter.examples.criproxy.tracing.SpanCounts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Serves the metrics of a proxy at {@code /metrics}, and probes at {@code /livez, /readyz}. */
public final class MetricsPart implements ServicePart {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  private final HttpListener http;

  /** The address to bind at the start; null if it is bound already. */
  private final @Nullable InetSocketAddress unbound;

  private final Metrics metrics;

  private MetricsPart(HttpListener http, @Nullable InetSocketAddress unbound, Metrics metrics) {
    this.http = http;
    this.unbound = unbound;
    this.metrics = metrics;
  }

  /**
   * Binds the address for metrics of {@code config}. Returns empty if it has none.
   *
   * @param version the version of this build
   * @param spans the counts of spans
   * @param takeOver whether another proxy has the address until this part is started
   * @throws BadConfigurationException if it cannot be bound
   */
  public static Optional<MetricsPart> of(
      ProxyConfig config, String version, SpanCounts spans, boolean takeOver)
      throws BadConfigurationException {
    if (config.metricsListen().isEmpty()) {
      return Optional.empty();
    }
    InetSocketAddress address = config.metricsListen().get();
    try {
      HttpListener http = HttpListener.create();
      if (!takeOver) {
        http.bind(address);
      }
      Metrics metrics = new Metrics(version, spans);
      return Optional.of(new MetricsPart(http, takeOver ? address : null, metrics));
    } catch (IOException e) {
      String where = config.origin("metrics").place();
      throw new BadConfigurationException(
          where + ": cannot listen at " + text(address) + " for metrics: " + e.getMessage(), e);
    }
  }

  private static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  /** The address on which it listens. */
  InetSocketAddress address() {
    return http.address();
  }

  Metrics metrics() {
    return metrics;
  }

  @Override
  public void configure(CriRouter.Builder router) {
    metrics.observe(router);
  }

  @Override
  public void saved(int bytes, @Nullable Throwable failure) {
    metrics.saved(bytes, failure);
  }

  @Override
  public void start(ProxyService service) throws IOException {
    if (unbound != null) {
      http.bind(unbound);
    }
    metrics.started(service);
    Probes probes = new Probes(service);
    http.serveMetrics("/metrics", metrics.registry());
    http.serveProbe("/livez", probes::livenessFailure);
    http.serveProbe("/readyz", probes::readinessFailure);
    http.start();
    LOG.log(System.Logger.Level.INFO, "metrics at http://{0}/metrics", text(http.address()));
  }

  @Override
  public void superseded() {
    http.close();
  }

  @Override
  public void close() {
    http.close();
  }
}
