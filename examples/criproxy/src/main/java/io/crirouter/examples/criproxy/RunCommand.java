package io.crirouter.examples.criproxy;

import io.crirouter.core.CriRouter;
import io.crirouter.core.StateStore;
import io.crirouter.examples.criproxy.config.BackendConfig;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.Origin;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
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

  private static final Duration WRITE_LIMIT = Duration.ofSeconds(2);

  @Mixin private ConfigOptions options = new ConfigOptions();

  @Override
  public Integer call() throws BadConfigurationException, IOException, InterruptedException {
    ProxyConfig config = options.read();
    config.logLevel().apply();
    StartChecks.require(config);
    StartChecks.warnings(config).forEach(warning -> LOG.log(System.Logger.Level.WARNING, warning));
    StopSignal stop = StopSignal.listen(config.drainTimeout().plus(END_LIMIT));
    try {
      serveUntil(stop, config);
    } finally {
      stop.done();
    }
    return 0;
  }

  private static void serveUntil(StopSignal stop, ProxyConfig config)
      throws BadConfigurationException, IOException, InterruptedException {
    List<GrpcBackend> backends = new ArrayList<>();
    ExecutorService writer = Executors.newSingleThreadExecutor(RunCommand::writerThread);
    StateStore store = store(config, writer);
    try (EventLoops loops = EventLoops.create();
        CriRouter router = router(config, loops, store, backends)) {
      CompletableFuture.anyOf(
              router.firstContact().toCompletableFuture(), stop.asked().toCompletableFuture())
          .join();
      if (stop.isAsked()) {
        LOG.log(System.Logger.Level.INFO, "stopping before it listens");
      } else {
        serve(config, router, loops, stop);
      }
    } finally {
      backends.forEach(GrpcBackend::close);
      writer.shutdown();
      writer.awaitTermination(WRITE_LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
    LOG.log(System.Logger.Level.INFO, "stopped");
  }

  private static void serve(ProxyConfig config, CriRouter router, EventLoops loops, StopSignal stop)
      throws IOException, InterruptedException {
    CriServer.Builder builder =
        CriServer.builder(router).socket(config.listen()).limits(config.limits()).eventLoops(loops);
    config.socketMode().ifPresent(builder::socketMode);
    config.socketGroup().ifPresent(builder::socketGroup);
    try (CriServer server = builder.start()) {
      stop.serves();
      LOG.log(
          System.Logger.Level.INFO, "listening on {0}, routing to {1}", config.listen(), router);
      stop.await();
      LOG.log(System.Logger.Level.INFO, "stopping: finishing the calls that run");
      server.shutdown(config.drainTimeout());
      if (!server.awaitTermination(config.drainTimeout().plusSeconds(1))) {
        LOG.log(
            System.Logger.Level.WARNING,
            "stopping: some calls did not finish in time and are cut off");
      }
    }
  }

  private static StateStore store(ProxyConfig config, ExecutorService writer)
      throws BadConfigurationException {
    if (config.stateFile().isEmpty()) {
      return StateStore.NONE;
    }
    try {
      return StateStore.file(config.stateFile().get(), writer);
    } catch (IOException e) {
      throw wrong(config.origin("stateFile"), e);
    }
  }

  private static BadConfigurationException wrong(Origin origin, Exception cause) {
    return new BadConfigurationException(origin.place() + ": " + cause.getMessage(), cause);
  }

  private static Thread writerThread(Runnable task) {
    Thread thread = new Thread(task, "criproxy-state");
    thread.setDaemon(true);
    return thread;
  }

  private static CriRouter router(
      ProxyConfig config, EventLoops loops, StateStore store, List<GrpcBackend> backends)
      throws BadConfigurationException {
    CriRouter.Builder builder =
        CriRouter.builder()
            .scheduler(loops.scheduler())
            .policy(config.policy())
            .ids(config.ids())
            .images(config.images())
            .timeouts(config.timeouts())
            .stateStore(store);
    config.forget().forEach(builder::forget);
    try {
      for (BackendConfig runtime : config.backends()) {
        GrpcBackend backend =
            GrpcBackend.builder(runtime.socket())
                .connectTimeout(runtime.connectTimeout())
                .maxResponseBytes(runtime.maxResponseBytes())
                .eventLoops(loops)
                .build();
        if (backends.isEmpty()) {
          builder.primary(runtime.name(), backend, runtime.options());
        } else {
          builder.secondary(runtime.name(), backend, runtime.options());
        }
        backends.add(backend);
      }
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw wrong(config.origin("backends"), e);
    }
  }
}
