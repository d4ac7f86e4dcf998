package io.crirouter.examples.criproxy;

import io.crirouter.examples.criproxy.admin.AdminSocket;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.examples.criproxy.metrics.MetricsPart;
import io.crirouter.examples.criproxy.service.ProxyService;
import io.crirouter.examples.criproxy.service.Reloader;
import io.crirouter.examples.criproxy.service.ServicePart;
import io.crirouter.examples.criproxy.service.Signals;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Runs the proxy until it is told to stop. */
@Command(
    name = "run",
    description = "Serves CRI on one socket and routes the calls to the runtimes behind it.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  criproxy run --listen /run/criproxy.sock \\",
      "      --connect /run/containerd/containerd.sock,virtlet.cloud:/run/virtlet.sock",
      "Pods annotated kubernetes.io/target-runtime: virtlet.cloud go to the second runtime,",
      "all others to the first, the primary. A configuration file can say more:",
      "  criproxy run --config /etc/criproxy/criproxy.yaml"
    })
final class RunCommand implements Callable<Integer> {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  /** After a signal, besides the drain. */
  private static final Duration END_LIMIT = Duration.ofSeconds(10);

  @Mixin private ConfigOptions options = new ConfigOptions();

  @Override
  public Integer call() throws BadConfigurationException, IOException, InterruptedException {
    try (Reloader reloader = new Reloader(this::read, options.file())) {
      ProxyConfig config = read();
      config.logLevel().apply();
      StartChecks.warnings(config)
          .forEach(warning -> LOG.log(System.Logger.Level.WARNING, warning));
      StopSignal stop = StopSignal.listen();
      Signals.on("HUP", reloader::reload);
      try {
        serveUntil(stop, config, reloader);
      } finally {
        stop.done();
      }
    }
    return 0;
  }

  private ProxyConfig read() throws BadConfigurationException {
    ProxyConfig config = options.read();
    StartChecks.require(config);
    return config;
  }

  private static void serveUntil(StopSignal stop, ProxyConfig config, Reloader reloader)
      throws BadConfigurationException, IOException, InterruptedException {
    try (ProxyService service = ProxyService.connect(config, parts(config))) {
      CompletableFuture.anyOf(
              service.firstContact().toCompletableFuture(), stop.asked().toCompletableFuture())
          .join();
      if (stop.isAsked()) {
        LOG.log(System.Logger.Level.INFO, "stopping before it listens");
      } else {
        service.listen();
        stop.serves(() -> service.config().drainTimeout().plus(END_LIMIT));
        reloader.start(service);
        stop.await();
        reloader.close();
        service.drain(stop.haste());
      }
    }
    LOG.log(System.Logger.Level.INFO, "stopped");
  }

  /** What the proxy has besides router and server. */
  private static List<ServicePart> parts(ProxyConfig config) throws BadConfigurationException {
    List<ServicePart> parts = new ArrayList<>();
    parts.add(new AdminSocket(CriProxy.version(), false));
    MetricsPart.of(config, CriProxy.version()).ifPresent(parts::add);
    return parts;
  }
}
