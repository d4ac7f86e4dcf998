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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A running proxy: the server, the router and the connections to the runtimes. The configuration
 * can be reloaded while it runs. Thread-safe, except for starting and stopping.
 */
public final class ProxyService implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  private final List<ServicePart> parts;
  private final List<ServicePart> started = new ArrayList<>();
  private final StateWriter writer = new StateWriter();
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
   * Connects to the runtimes. Does not listen yet.
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
   * Connects to the runtimes, to take over from another proxy. Writes no state and starts no part
   * before {@link #takenOver}.
   *
   * @throws BadConfigurationException if {@code config} cannot work
   */
  public static ProxyService connectToTakeOver(ProxyConfig config, List<ServicePart> parts)
      throws BadConfigurationException, IOException {
    return new ProxyService(config, parts, true);
  }

  /**
   * The predecessor has released its resources. A part that cannot start is left out and logged.
   */
  public void takenOver() {
    state().ifPresent(SharedState::acquire);
    for (ServicePart part : parts) {
      started.add(part);
      try {
        part.start(this);
      } catch (IOException e) {
        LOG.log(
            System.Logger.Level.ERROR,
            "serving without a part that cannot start: {0}",
            e.getMessage());
      }
    }
  }

  private void startParts() throws IOException {
    for (ServicePart part : parts) {
      started.add(part);
      part.start(this);
    }
  }

  /** The configuration in force. */
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

  /** The state file; empty if there is none. */
  public Optional<SharedState> state() {
    return Optional.ofNullable(state);
  }

  /** The event loops of all connections. */
  public EventLoops eventLoops() {
    return loops;
  }

  /** The outcome of the last reload; empty if there was none. */
  public Optional<ReloadReport> lastReload() {
    return Optional.ofNullable(lastReload);
  }

  /**
   * Applies the configuration of {@code source} wholly, or not at all if it cannot be read or
   * applied. Calls go on meanwhile. Blocks until new runtimes have answered, or for their timeout.
   */
  public synchronized ReloadReport reload(ConfigSource source) throws InterruptedException {
    ReloadReport report;
    try {
      ProxyConfig next = source.read();
      List<String> changes = new Reload(config, next, router, runtimes, loops.scheduler()).apply();
      config = next;
      report = ReloadReport.applied(Instant.now(), changes);
      LOG.log(System.Logger.Level.INFO, "configuration reloaded: {0}", report.message());
    } catch (BadConfigurationException e) {
      report = ReloadReport.refused(Instant.now(), String.valueOf(e.getMessage()));
      LOG.log(
          System.Logger.Level.ERROR,
          "the configuration stays as it is, the new one cannot be used: {0}",
          report.message().replace("\n", "; "));
    }
    lastReload = report;
    return report;
  }

  /** Completes when the first lists can be answered: see {@link CriRouter#firstContact}. */
  public CompletionStage<Void> firstContact() {
    return router.firstContact();
  }

  /**
   * Starts to listen.
   *
   * @param takeOver whether to take the socket from another proxy that listens on it
   * @throws IOException if the socket cannot be bound; the message says why
   */
  public void listen(boolean takeOver) throws IOException {
    CriServer.Builder builder =
        CriServer.builder(wrappedRouter())
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

  private RuntimeBackend wrappedRouter() {
    RuntimeBackend backend = router;
    for (ServicePart part : parts) {
      backend = part.wrapRouter(backend);
    }
    return backend;
  }

  /**
   * Stops serving. Waits until no call runs, for the configured time at most, and serves new calls
   * meanwhile. Then the socket is removed. Does nothing if the proxy does not listen.
   *
   * @param cutOff ends all calls when it completes
   */
  public void drain(CompletionStage<?> cutOff) throws InterruptedException {
    if (server != null) {
      new ServerDrain(server, () -> config.drainTimeout()).stop(cutOff);
    }
  }

  /**
   * Stops serving after a hand-over. Running calls have 15 minutes to finish; clients reconnect to
   * the successor. Does nothing if the proxy does not listen.
   *
   * @param stop limits the time to the configured one when it completes
   * @param cutOff ends all calls when it completes
   */
  public void drainForSuccessor(CompletionStage<?> stop, CompletionStage<?> cutOff)
      throws InterruptedException {
    if (server != null) {
      new ServerDrain(server, () -> config.drainTimeout()).stopForSuccessor(stop, cutOff);
    }
  }

  /**
   * Releases what only one proxy can hold, because a successor serves at the socket now.
   *
   * @param whenWritten is run once, when this proxy has written state for the last time
   */
  public void release(Runnable whenWritten) {
    started.forEach(ServicePart::superseded);
    if (state == null) {
      whenWritten.run();
    } else {
      state.release(whenWritten);
    }
  }

  /** Closes the server, the parts, the router and the connections, and saves the state. */
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
    writer.close();
  }

  private @Nullable SharedState state(boolean takesOver) throws BadConfigurationException {
    if (config.stateFile().isEmpty()) {
      return null;
    }
    try {
      return writer.open(config.stateFile().get(), this::saved, takesOver);
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
