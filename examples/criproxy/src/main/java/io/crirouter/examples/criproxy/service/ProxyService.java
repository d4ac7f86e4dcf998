package io.crirouter.examples.criproxy.service;

import io.crirouter.core.CriRouter;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.StateStore;
import io.crirouter.examples.criproxy.config.BackendConfig;
import io.crirouter.examples.criproxy.config.BadConfigurationException;
import io.crirouter.examples.criproxy.config.Origin;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A running proxy: the router, the runtimes behind it, and the server in front of it. It can be
 * brought to another configuration while it runs. Thread-safe, but for starting and stopping.
 */
public final class ProxyService implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");
  private static final Duration LAST_CLIENTS = Duration.ofSeconds(1);

  /** As long as a kubelet waits for the longest of its calls. */
  private static final Duration SUCCESSOR_DRAIN = Duration.ofMinutes(15);

  private static final Duration WRITE_LIMIT = Duration.ofSeconds(2);

  private final List<ServicePart> parts;
  private final List<ServicePart> started = new ArrayList<>();
  private final ExecutorService writer = Executors.newSingleThreadExecutor(ProxyService::writer);
  private final EventLoops loops = EventLoops.create();
  private final Runtimes runtimes;
  private final @Nullable SharedState state;
  private final CriRouter router;
  private volatile ProxyConfig config;
  private volatile @Nullable ReloadReport lastReload;
  private volatile @Nullable CriServer server;

  private ProxyService(ProxyConfig config, List<ServicePart> parts, boolean takesOver)
      throws BadConfigurationException, IOException {
    this.config = config;
    this.parts = List.copyOf(parts);
    runtimes = new Runtimes(config.backends().get(0).name(), parts, loops);
    try {
      state = state(takesOver);
      router = router(state == null ? StateStore.NONE : state);
    } catch (BadConfigurationException | RuntimeException e) {
      closeRuntimes();
      throw e;
    }
  }

  /**
   * Connects to the runtimes. Nobody can call yet.
   *
   * @throws BadConfigurationException if {@code config} cannot work
   * @throws IOException if a part cannot start
   */
  public static ProxyService connect(ProxyConfig config, List<ServicePart> parts)
      throws BadConfigurationException, IOException {
    ProxyService service = new ProxyService(config, parts, false);
    try {
      service.startParts();
      return service;
    } catch (IOException | RuntimeException e) {
      service.close();
      throw e;
    }
  }

  /**
   * Connects to the runtimes to take the place of another proxy: writes no state and starts no part
   * before {@link #takenOver}.
   *
   * @throws BadConfigurationException if {@code config} cannot work
   */
  public static ProxyService connectToTakeOver(ProxyConfig config, List<ServicePart> parts)
      throws BadConfigurationException, IOException {
    return new ProxyService(config, parts, true);
  }

  /** The proxy before gives way now. A part that cannot start is left out, which is logged. */
  public void takenOver() {
    state().ifPresent(SharedState::take);
    for (ServicePart part : parts) {
      started.add(part);
      try {
        part.start(this);
      } catch (IOException e) {
        LOG.log(System.Logger.Level.ERROR, "serving without: {0}", e.getMessage());
      }
    }
  }

  private void startParts() throws IOException {
    for (ServicePart part : parts) {
      started.add(part);
      part.start(this);
    }
  }

  /** What it runs with now. */
  public ProxyConfig config() {
    return config;
  }

  /** The router. */
  public CriRouter router() {
    return router;
  }

  /** The server; empty until the proxy listens. */
  public Optional<CriServer> server() {
    return Optional.ofNullable(server);
  }

  /** Where the state is kept; empty if it is not. */
  public Optional<SharedState> state() {
    return Optional.ofNullable(state);
  }

  /** The threads of all connections, for further ones. */
  public EventLoops eventLoops() {
    return loops;
  }

  /** How the last reload went; empty if there was none. */
  public Optional<ReloadReport> lastReload() {
    return Optional.ofNullable(lastReload);
  }

  /**
   * Goes over to what {@code source} says now: wholly, or not at all if it cannot be read or
   * applied. Calls go on meanwhile. Blocks for as long as new runtimes take to answer.
   */
  public synchronized ReloadReport reload(ConfigSource source) throws InterruptedException {
    ReloadReport report;
    try {
      ProxyConfig next = source.read();
      List<String> changes = new Reload(config, next, router, runtimes, loops.scheduler()).apply();
      config = next;
      report = ReloadReport.applied(Instant.now(), changes);
      LOG.log(System.Logger.Level.INFO, "configuration read again: {0}", report.message());
    } catch (BadConfigurationException e) {
      report = ReloadReport.refused(Instant.now(), String.valueOf(e.getMessage()));
      LOG.log(
          System.Logger.Level.ERROR,
          "the configuration stays as it is, what is there now cannot be used: {0}",
          report.message().replace("\n", "; "));
    }
    lastReload = report;
    return report;
  }

  /** Completes when lists are as whole as they can be: see {@link CriRouter#firstContact}. */
  public CompletionStage<Void> firstContact() {
    return router.firstContact();
  }

  /**
   * Listens from now on.
   *
   * @param takeOver whether another proxy that listens there is to lose the socket
   * @throws IOException if the socket cannot be had; the message says why
   */
  public void listen(boolean takeOver) throws IOException {
    CriServer.Builder builder =
        CriServer.builder(inFrontOfRouter())
            .socket(config.listen())
            .limits(config.limits())
            .takeOver(takeOver)
            .eventLoops(loops);
    config.socketMode().ifPresent(builder::socketMode);
    config.socketGroup().ifPresent(builder::socketGroup);
    if (!config.allowedUids().isEmpty()) {
      builder.allowedUids(config.allowedUids().stream().mapToInt(Integer::intValue).toArray());
    }
    server = builder.start();
    LOG.log(System.Logger.Level.INFO, "listening on {0}", config.listen());
  }

  private RuntimeBackend inFrontOfRouter() {
    RuntimeBackend front = router;
    for (ServicePart part : parts) {
      front = part.inFrontOfRouter(front);
    }
    return front;
  }

  /**
   * Lets the calls that run finish within the configured time, and serves new ones meanwhile:
   * nobody else would. Then it takes no more, and the socket is gone.
   *
   * @param haste cuts all off when it completes
   */
  public void drain(CompletionStage<?> haste) throws InterruptedException {
    CriServer serving = server;
    if (serving == null) {
      return;
    }
    Duration limit = config.drainTimeout();
    long end = System.nanoTime() + limit.toNanos();
    LOG.log(
        System.Logger.Level.INFO,
        "stopping when the calls that run have ended, in {0} s at the latest",
        limit.toSeconds());
    await(CompletableFuture.anyOf(future(serving.endOfCalls()), future(haste)), limit);
    end(serving, Duration.ofNanos(Math.max(0, end - System.nanoTime())), haste);
  }

  /**
   * Another proxy has the socket now: gives up what both cannot have.
   *
   * @param whenWritten is run once, when this one has written state for the last time
   */
  public void giveWay(Runnable whenWritten) {
    started.forEach(ServicePart::superseded);
    if (state == null) {
      whenWritten.run();
    } else {
      state.giveUp(whenWritten);
    }
  }

  /**
   * Takes no more calls, and lets those that run finish, for 15 minutes at most: the clients come
   * back to the other proxy.
   *
   * @param stop leaves them the configured time when it completes
   * @param haste cuts all off when it completes
   */
  public void drainForSuccessor(CompletionStage<?> stop, CompletionStage<?> haste)
      throws InterruptedException {
    CriServer serving = server;
    if (serving != null) {
      // Whoever connected just before the other proxy had the socket is let in first.
      await(future(stop), LAST_CLIENTS);
      serving.shutdown(SUCCESSOR_DRAIN);
      var unused = stop.thenRun(() -> serving.shutdown(config.drainTimeout()));
      end(serving, SUCCESSOR_DRAIN, haste);
    }
  }

  /** Takes no more calls, and lets those that run finish. */
  private static void end(CriServer serving, Duration limit, CompletionStage<?> haste)
      throws InterruptedException {
    serving.shutdown(limit);
    var unused = haste.thenRun(() -> serving.shutdown(Duration.ZERO));
    if (!serving.awaitTermination(limit.plusSeconds(1))) {
      LOG.log(
          System.Logger.Level.WARNING,
          "stopping: some calls did not finish in time and are cut off");
    }
  }

  private static CompletableFuture<?> future(CompletionStage<?> stage) {
    return stage.toCompletableFuture();
  }

  private static void await(CompletableFuture<?> what, Duration limit) throws InterruptedException {
    try {
      Object unused = what.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // The time is up then.
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends all that is left, and saves the state. */
  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
    started.forEach(ServicePart::close);
    router.close();
    closeRuntimes();
  }

  private void closeRuntimes() {
    loops.close();
    runtimes.close();
    writer.shutdown();
    try {
      // What is not written by then would not be in the next second either.
      boolean unused = writer.awaitTermination(WRITE_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable SharedState state(boolean takesOver) throws BadConfigurationException {
    if (config.stateFile().isEmpty()) {
      return null;
    }
    try {
      StateStore file = StateStore.file(config.stateFile().get(), writer, this::saved);
      return new SharedState(file, writer, !takesOver);
    } catch (IOException e) {
      throw wrong(config.origin("stateFile"), e);
    }
  }

  private void saved(int bytes, @Nullable Throwable failure) {
    parts.forEach(part -> part.saved(bytes, failure));
  }

  private static BadConfigurationException wrong(Origin origin, Exception cause) {
    return new BadConfigurationException(origin.place() + ": " + cause.getMessage(), cause);
  }

  private static Thread writer(Runnable task) {
    Thread thread = new Thread(task, "criproxy-state");
    thread.setDaemon(true);
    return thread;
  }

  private CriRouter router(StateStore store) throws BadConfigurationException {
    CriRouter.Builder builder =
        CriRouter.builder()
            .scheduler(loops.scheduler())
            .policy(config.policy())
            .ids(config.ids())
            .images(config.images())
            .timeouts(config.timeouts())
            .stateStore(store);
    config.forget().forEach(builder::forget);
    parts.forEach(part -> part.configure(builder));
    try {
      for (BackendConfig runtime : config.backends()) {
        Runtimes.Connected connected = runtimes.connect(runtime);
        runtimes.put(connected);
        if (runtime.equals(config.backends().get(0))) {
          builder.primary(runtime.name(), connected.routed(), runtime.options());
        } else {
          builder.secondary(runtime.name(), connected.routed(), runtime.options());
        }
      }
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw wrong(config.origin("backends"), e);
    }
  }
}
