package io.crirouter.examples.criproxy.metrics;

import io.crirouter.core.CriRouter;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.examples.criproxy.service.ProxyService;
import io.crirouter.examples.criproxy.service.ServicePart;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The metrics of a proxy at {@code /metrics}, and answers to probes beside them. */
public final class MetricsPart implements ServicePart {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  private final HttpListener http;
  private final Metrics metrics;

  private MetricsPart(HttpListener http, String version) {
    this.http = http;
    this.metrics = new Metrics(version);
  }

  /**
   * Takes the address that {@code config} has for metrics; empty if it has none.
   *
   * @param version of this build
   * @throws BadConfigurationException if it cannot be had
   */
  public static Optional<MetricsPart> of(ProxyConfig config, String version)
      throws BadConfigurationException {
    if (config.metricsListen().isEmpty()) {
      return Optional.empty();
    }
    InetSocketAddress address = config.metricsListen().get();
    try {
      return Optional.of(new MetricsPart(HttpListener.bind(address), version));
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

  /** Where it listens. */
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
  public void saved(int bytes, Duration took, @Nullable Throwable failure) {
    metrics.saved(bytes, took, failure);
  }

  @Override
  public void start(ProxyService service) {
    metrics.started(service);
    Probes probes = new Probes(service);
    http.serveMetrics("/metrics", metrics.registry());
    http.serveProbe("/livez", probes::whyNotAlive);
    http.serveProbe("/readyz", probes::whyNotReady);
    http.start();
    LOG.log(System.Logger.Level.INFO, "metrics at http://{0}/metrics", text(http.address()));
  }

  @Override
  public void close() {
    http.close();
  }
}
