package io.crirouter.examples.criproxy;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.StateStore;
import io.crirouter.examples.criproxy.logging.LogLevel;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
      "all others to the first, the primary."
    })
final class RunCommand implements Callable<Integer> {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(20);

  /** After a signal; with what follows the drain. */
  private static final Duration STOP_LIMIT = DRAIN_LIMIT.plusSeconds(10);

  private static final Duration WRITE_LIMIT = Duration.ofSeconds(2);

  @Option(
      names = "--listen",
      required = true,
      paramLabel = "PATH",
      converter = SocketAddressText.class,
      description = "The socket that the kubelet connects to.")
  private Path listen = Path.of("");

  @Option(
      names = "--connect",
      required = true,
      paramLabel = "RUNTIMES",
      converter = RuntimeAddress.Converter.class,
      description = {
        "The runtimes, separated by commas, the primary first:",
        "  /SOCKET[,NAME:/SOCKET...]; NAME=PREFIX:/SOCKET sets what the runtime's ids begin with.",
        "unix:///SOCKET is the same as /SOCKET."
      })
  private RuntimeAddress.Group runtimes = new RuntimeAddress.Group(List.of());

  @Option(
      names = "--ids",
      paramLabel = "KIND",
      converter = Ids.class,
      description = {
        "prefixed: ids of all runtimes but the primary begin with a prefix; the default.",
        "native: all ids are those of the runtimes themselves; give a --state-file with it."
      })
  private IdStrategy ids = IdStrategy.prefixed();

  @Option(
      names = "--log-level",
      defaultValue = "info",
      paramLabel = "LEVEL",
      description = "One of ${COMPLETION-CANDIDATES}; info by default.")
  private LogLevel logLevel = LogLevel.INFO;

  @Option(
      names = "--socket-mode",
      paramLabel = "MODE",
      converter = SocketMode.class,
      description = "Who may connect, in octal; 0600 by default, 0660 with a group.")
  private Optional<Set<PosixFilePermission>> socketMode = Optional.empty();

  @Option(
      names = "--socket-group",
      paramLabel = "GROUP",
      description = "The group that the socket belongs to.")
  private Optional<String> socketGroup = Optional.empty();

  @Option(
      names = "--state-file",
      paramLabel = "PATH",
      description = {
        "Where the proxy keeps what the runtimes had, so that the kubelet's lists are whole",
        "when the proxy restarts while a runtime is away. Its folder must exist."
      })
  private Optional<Path> stateFile = Optional.empty();

  @Option(
      names = "--forget",
      paramLabel = "NAME",
      converter = RuntimeName.class,
      description = {
        "Drop what the state file knows of a runtime that is not configured any more: its pods",
        "are shown no more. May be repeated."
      })
  private List<BackendName> forgotten = List.of();

  @Override
  public Integer call() throws BadConfigurationException, IOException, InterruptedException {
    logLevel.apply();
    check();
    StopSignal stop = StopSignal.listen(STOP_LIMIT);
    try {
      serveUntil(stop);
    } finally {
      stop.done();
    }
    return 0;
  }

  /** Touches nothing. */
  private void check() throws BadConfigurationException {
    StartChecks.requireDistinct(listen, runtimes.members());
    StartChecks.requireListenable(listen);
    if (socketGroup.isPresent()) {
      StartChecks.requireGroup(listen, socketGroup.get());
    }
    if (ids.equals(IdStrategy.nativeIds()) && stateFile.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "native ids without --state-file: after a restart, what an id belongs to is not known"
              + " while a runtime is away");
    }
  }

  private void serveUntil(StopSignal stop)
      throws BadConfigurationException, IOException, InterruptedException {
    List<GrpcBackend> backends = new ArrayList<>();
    ExecutorService writer = Executors.newSingleThreadExecutor(RunCommand::writerThread);
    StateStore store = store(writer);
    try (EventLoops loops = EventLoops.create();
        CriRouter router = router(loops, store, backends)) {
      CompletableFuture.anyOf(
              router.firstContact().toCompletableFuture(), stop.asked().toCompletableFuture())
          .join();
      if (stop.isAsked()) {
        LOG.log(System.Logger.Level.INFO, "stopping before it listens");
      } else {
        serve(router, loops, stop);
      }
    } finally {
      backends.forEach(GrpcBackend::close);
      writer.shutdown();
      writer.awaitTermination(WRITE_LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
    LOG.log(System.Logger.Level.INFO, "stopped");
  }

  private void serve(CriRouter router, EventLoops loops, StopSignal stop)
      throws IOException, InterruptedException {
    CriServer.Builder builder = CriServer.builder(router).socket(listen).eventLoops(loops);
    socketMode.ifPresent(builder::socketMode);
    socketGroup.ifPresent(builder::socketGroup);
    try (CriServer server = builder.start()) {
      stop.serves();
      LOG.log(System.Logger.Level.INFO, "listening on {0}, routing to {1}", listen, router);
      stop.await();
      LOG.log(System.Logger.Level.INFO, "stopping: finishing the calls that run");
      server.shutdown(DRAIN_LIMIT);
      server.awaitTermination(DRAIN_LIMIT.plusSeconds(1));
    }
  }

  private StateStore store(ExecutorService writer) throws BadConfigurationException {
    if (stateFile.isEmpty()) {
      return StateStore.NONE;
    }
    try {
      return StateStore.file(stateFile.get(), writer);
    } catch (IOException e) {
      throw new BadConfigurationException("--state-file: " + e.getMessage(), e);
    }
  }

  private static Thread writerThread(Runnable task) {
    Thread thread = new Thread(task, "criproxy-state");
    thread.setDaemon(true);
    return thread;
  }

  private CriRouter router(EventLoops loops, StateStore store, List<GrpcBackend> backends)
      throws BadConfigurationException {
    CriRouter.Builder builder =
        CriRouter.builder().scheduler(loops.scheduler()).ids(ids).stateStore(store);
    forgotten.forEach(builder::forget);
    try {
      for (RuntimeAddress runtime : runtimes.members()) {
        GrpcBackend backend = GrpcBackend.builder(runtime.socket()).eventLoops(loops).build();
        if (backends.isEmpty()) {
          builder.primary(runtime.nameOrPrimary(), backend, runtime.options());
        } else {
          builder.secondary(runtime.nameOrPrimary(), backend, runtime.options());
        }
        backends.add(backend);
      }
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new BadConfigurationException("--connect: " + e.getMessage(), e);
    }
  }
}
