package io.crirouter.examples.criproxy.tracing;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.examples.criproxy.config.TracingConfig;
import io.crirouter.examples.criproxy.service.ProxyService;
import io.crirouter.examples.criproxy.service.ServicePart;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Sends spans of the calls of clients, and of the calls to runtimes, to a collector. */
public final class TracingPart implements ServicePart {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  /** The time to send the last spans at the end. */
  private static final Duration FLUSH_LIMIT = Duration.ofSeconds(2);

  private final TracingConfig config;
  private final SdkTracerProvider spans;
  private final Tracer tracer;

  private TracingPart(TracingConfig config, String version, SpanCounts counts) {
    this.config = config;
    spans = SpanExport.to(config, version, counts);
    tracer = spans.get("criproxy");
  }

  /**
   * Creates the part, if {@code config} enables tracing. Connects at the first span.
   *
   * @param version the version of this build
   * @param counts counts the outcomes of spans
   */
  public static Optional<TracingPart> of(ProxyConfig config, String version, SpanCounts counts) {
    return config.tracing().map(tracing -> new TracingPart(tracing, version, counts));
  }

  @Override
  public void configure(CriRouter.Builder router) {
    router.observer(new RouteSpans());
  }

  @Override
  public RuntimeBackend wrapRuntime(BackendName name, RuntimeBackend runtime) {
    return new RuntimeSpans(tracer, name, runtime);
  }

  @Override
  public RuntimeBackend wrapRouter(RuntimeBackend router) {
    return new CallSpans(tracer, router);
  }

  @Override
  public void start(ProxyService service) {
    LOG.log(
        System.Logger.Level.INFO,
        "sending spans of {0} to {1}",
        config.serviceName(),
        config.endpoint());
  }

  /** Waits until the last spans are sent, for two seconds at most. */
  @Override
  public void close() {
    var unused = spans.shutdown().join(FLUSH_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }
}
