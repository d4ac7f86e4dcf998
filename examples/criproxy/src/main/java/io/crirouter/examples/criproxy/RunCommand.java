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
      "Pods annotated kubernetes.io/target-runtime: virtlet.cloud go to the second",
      "runtime, all others to the first, the primary. A file can say more:",
      "  criproxy run --config /etc/criproxy/criproxy.yaml"
    })
final class RunCommand implements Callable<Integer> {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  /** After a signal, besides the drain. */
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
          "Take the place of the proxy that runs, if one does, without a failed call. ADMIN "
              + "is its admin socket, by default the one that this proxy is to have.")
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
    try (TakeOver taking = predecessor.orElse(null)) {
      MetricsPart.of(config, CriProxy.version(), spans, taking != null).ifPresent(parts::add);
      try (ProxyService service =
          taking == null
              ? ProxyService.connect(config, parts)
              : ProxyService.connectToTakeOver(config, parts)) {
        serveUntil(stop, service, taking, handOver, reloader);
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
          "--take-over needs the admin socket of the proxy that runs: --take-over=PATH", null);
    }
    return TakeOver.begin(admin.get());
  }

  private List<String> arguments() {
    return spec.root().commandLine().getParseResult().originalArgs();
  }

  private void serveUntil(
      StopSignal stop,
      ProxyService service,
      @Nullable TakeOver taking,
      HandOver handOver,
      Reloader reloader)
      throws IOException, InterruptedException {
    CompletableFuture.anyOf(
            service.firstContact().toCompletableFuture(), stop.asked().toCompletableFuture())
        .join();
    if (stop.isAsked()) {
      LOG.log(System.Logger.Level.INFO, "stopping before it listens");
      return;
    }
    listen(service, taking);
    systemd.ready("listening on " + service.config().listen());
    Cancellable watch = systemd.watch(service.eventLoops().scheduler());
    stop.serves(() -> service.config().drainTimeout().plus(END_LIMIT));
    reloader.start(service);
    CompletableFuture.anyOf(
            stop.asked().toCompletableFuture(), handOver.successor().toCompletableFuture())
        .join();
    reloader.close();
    if (handOver.successor().toCompletableFuture().isDone()) {
      watch.cancel();
      service.drainForSuccessor(stop.asked(), hasteAfter(handOver, stop));
    } else {
      systemd.stopping(service.config().drainTimeout().plus(END_LIMIT));
      service.drain(stop.haste());
    }
  }

  /**
   * Completes when the calls that still run are to be cut off. One who has given way does so itself
   * where systemd is about to start the service again, because nobody is left who serves. There it
   * is told twice to stop if the main process stops sooner, which is no haste.
   */
  private CompletionStage<?> hasteAfter(HandOver handOver, StopSignal stop) {
    if (!systemd.isAsking()) {
      return stop.haste();
    }
    CompletableFuture<Void> haste = new CompletableFuture<>();
    var unused = handOver.deserted().thenRun(() -> hastenIf(!stop.isAsked(), haste));
    var unusedToo = stop.asked().thenRun(() -> hastenIf(handOver.isSuccessorKilled(), haste));
    return haste;
  }

  private static void hastenIf(boolean isDeserted, CompletableFuture<Void> haste) {
    if (isDeserted) {
      LOG.log(
          System.Logger.Level.ERROR,
          "the process that took over has ended, and nobody serves: ending too, so that systemd"
              + " starts criproxy again");
      haste.complete(null);
    }
  }

  private static void listen(ProxyService service, @Nullable TakeOver taking)
      throws IOException, InterruptedException {
    if (taking == null) {
      service.listen(false);
    } else {
      taking.follow(service.router());
      service.listen(taking.listen().equals(service.config().listen()));
      taking.serving();
      service.takenOver();
    }
  }
}
