package io.crirouter.examples.criproxy;

import io.crirouter.core.Cancellable;
import io.crirouter.examples.criproxy.admin.AdminSocket;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.examples.criproxy.handover.HandOver;
import io.crirouter.examples.criproxy.handover.TakeOver;
import io.crirouter.examples.criproxy.metrics.MetricsPart;
import io.crirouter.examples.criproxy.service.ProxyService;
import io.crirouter.examples.criproxy.service.Reloader;
import io.crirouter.examples.criproxy.service.ServicePart;
import io.crirouter.examples.criproxy.service.Signals;
import io.crirouter.examples.criproxy.service.Systemd;
import io.crirouter.examples.criproxy.tracing.SpanCounts;
import io.crirouter.examples.criproxy.tracing.TracingPart;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the proxy until it is requested to stop. */
@Command(
    name = "run",
    description = "Serves CRI on one socket and routes the calls to the runtimes behind it.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Example:",
      "  criproxy run --listen /run/criproxy.sock \\",
      "      --connect /run/containerd/containerd.sock,virtlet.cloud:/run/virtlet.sock",
      "Pods annotated kubernetes.io/target-runtime: virtlet.cloud go to the second",
      "runtime, all others to the first, the primary. A file has more settings:",
      "  criproxy run --config /etc/criproxy/criproxy.yaml"
    })
final class RunCommand implements Callable<Integer> {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  /** The time to stop after a signal, in addition to the drain timeout. */
  private static final Duration END_LIMIT = Duration.ofSeconds(10);

  private final Systemd systemd = Systemd.of(System.getenv(), ProcessHandle.current().pid());

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private ConfigOptions options = new ConfigOptions();

  @Option(
      names = "--take-over",
      arity = "0..1",
      paramLabel = "ADMIN",
      fallbackValue = "",
      description =
          "Take over from the running proxy, if there is one, without a failed call. ADMIN is "
              + "its admin socket; by default the admin socket of this configuration.")
  private Optional<Path> takeOver = Optional.empty();

  @Override
  public Integer call() throws BadConfigurationException, IOException, InterruptedException {
    try (Reloader reloader = new Reloader(this::read, options.file(), systemd)) {
      ProxyConfig config = read();
      config.logLevel().apply();
      config.logFormat().apply();
      LOG.log(System.Logger.Level.INFO, StartLine.of(config, CriProxy.version()));
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

  private void serveUntil(StopSignal stop, ProxyConfig config, Reloader reloader)
      throws BadConfigurationException, IOException, InterruptedException {
    Optional<TakeOver> predecessor = predecessor(config);
    AdminSocket admin = new AdminSocket(CriProxy.version(), predecessor.isPresent());
    HandOver handOver = new HandOver(admin, arguments(), systemd);
    List<ServicePart> parts = new ArrayList<>(List.of(handOver, admin));
    SpanCounts spans = new SpanCounts();
    TracingPart.of(config, CriProxy.version(), spans).ifPresent(parts::add);
    try (TakeOver takeOver = predecessor.orElse(null)) {
      MetricsPart.of(config, CriProxy.version(), spans, takeOver != null).ifPresent(parts::add);
      try (ProxyService service =
          takeOver == null
              ? ProxyService.connect(config, parts)
              : ProxyService.connectToTakeOver(config, parts)) {
        serveUntil(stop, service, takeOver, handOver, reloader);
      }
    }
    LOG.log(System.Logger.Level.INFO, "stopped");
  }

  private Optional<TakeOver> predecessor(ProxyConfig config)
      throws BadConfigurationException, IOException, InterruptedException {
    if (takeOver.isEmpty()) {
      return Optional.empty();
    }
    Optional<Path> admin =
        takeOver.filter(path -> !path.toString().isEmpty()).or(config::adminSocket);
    if (admin.isEmpty()) {
      throw new BadConfigurationException(
          "--take-over needs the admin socket of the running proxy: --take-over=PATH", null);
    }
    return TakeOver.begin(admin.get());
  }

  private List<String> arguments() {
    return spec.root().commandLine().getParseResult().originalArgs();
  }

  private void serveUntil(
      StopSignal stop,
      ProxyService service,
      @Nullable TakeOver takeOver,
      HandOver handOver,
      Reloader reloader)
      throws IOException, InterruptedException {
    CompletableFuture.anyOf(
            service.firstContact().toCompletableFuture(), stop.requested().toCompletableFuture())
        .join();
    if (stop.isRequested()) {
      LOG.log(System.Logger.Level.INFO, "stopping before listening");
      return;
    }
    listen(service, takeOver);
    systemd.ready("listening on " + service.config().listen());
    Cancellable watch = systemd.watch(service.eventLoops().scheduler());
    stop.drainLimit(() -> service.config().drainTimeout().plus(END_LIMIT));
    reloader.start(service);
    CompletableFuture.anyOf(
            stop.requested().toCompletableFuture(), handOver.successor().toCompletableFuture())
        .join();
    reloader.close();
    if (handOver.successor().toCompletableFuture().isDone()) {
      watch.cancel();
      service.drainForSuccessor(stop.requested(), cutOffAfterHandOver(handOver, stop));
    } else {
      systemd.stopping(service.config().drainTimeout().plus(END_LIMIT));
      service.drain(stop.repeated());
    }
  }

  /**
   * Completes when the calls that still run after a hand-over are to be cut off. Under systemd this
   * process ends when the successor is lost, so that systemd starts the service again. A second
   * signal does not count there: systemd sends two if the main process stops first.
   */
  private CompletionStage<?> cutOffAfterHandOver(HandOver handOver, StopSignal stop) {
    if (!systemd.isEnabled()) {
      return stop.repeated();
    }
    CompletableFuture<Void> cutOff = new CompletableFuture<>();
    var unused = handOver.successorLost().thenRun(() -> cutOffIf(!stop.isRequested(), cutOff));
    var unusedToo = stop.requested().thenRun(() -> cutOffIf(handOver.isSuccessorKilled(), cutOff));
    return cutOff;
  }

  private static void cutOffIf(boolean isSuccessorLost, CompletableFuture<Void> cutOff) {
    if (isSuccessorLost) {
      LOG.log(
          System.Logger.Level.ERROR,
          "the process that took over has ended, and no proxy serves: ending too, so that systemd"
              + " starts criproxy again");
      cutOff.complete(null);
    }
  }

  private static void listen(ProxyService service, @Nullable TakeOver takeOver)
      throws IOException, InterruptedException {
    if (takeOver == null) {
      service.listen(false);
    } else {
      takeOver.follow(service.router());
      service.listen(takeOver.listen().equals(service.config().listen()));
      takeOver.serving();
      service.takenOver();
    }
  }
}
