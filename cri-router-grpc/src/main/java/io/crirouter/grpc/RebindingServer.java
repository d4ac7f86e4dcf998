package io.crirouter.grpc;

import io.crirouter.core.Cancellable;
import io.grpc.Server;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A gRPC server on a UNIX socket that binds the socket again, with a new gRPC server, if its file
 * is deleted. Connections to the old server end after their calls.
 *
 * <p>Thread-safe.
 */
final class RebindingServer {
  /** How often the socket's file is checked. */
  private static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);

  /** How often it is checked whether a server that has replaced the socket is alive. */
  private static final int MAX_CHECKS_OF_SUCCESSOR = 10;

  private static final RateLimitedLog LOG = RateLimitedLog.of(RebindingServer.class);

  /** Binds the socket and starts a server on it. May block. */
  interface Binder {
    BoundServer bind() throws IOException;
  }

  /**
   * A server that listens on a socket.
   *
   * @param server the gRPC server
   * @param socket the socket
   */
  record BoundServer(Server server, PublishedSocket socket) {
    /** Starts a server from {@code factory} at a temporary path, and publishes its socket. */
    static BoundServer start(
        SocketClaim claimed,
        Function<Path, Server> factory,
        Set<PosixFilePermission> mode,
        @Nullable String group)
        throws IOException {
      try (SocketClaim claim = claimed) {
        Server server = factory.apply(claim.temporary()).start();
        try {
          return new BoundServer(server, claim.publish(mode, group));
        } catch (IOException | RuntimeException e) {
          server.shutdownNow();
          throw e;
        }
      }
    }
  }

  private final Binder binder;
  private final EventLoops loops;
  private final List<Server> retired = new ArrayList<>();
  private BoundServer current;
  private boolean stopped;

  /** The checks of the server that has replaced the socket so far. Used by the checks only. */
  private volatile int checksOfSuccessor;

  private Cancellable nextCheck = () -> {};
  private @Nullable Thread bindThread;

  private RebindingServer(BoundServer first, Binder binder, EventLoops loops) {
    this.current = first;
    this.binder = binder;
    this.loops = loops;
  }

  /**
   * Starts a server at {@code socket}. Blocks for a while.
   *
   * @param takeOver whether to replace a live server that listens there now
   * @param factory makes a gRPC server for a path
   * @param group null leaves the group as it is
   */
  static RebindingServer start(
      Path socket,
      boolean takeOver,
      Function<Path, Server> factory,
      Set<PosixFilePermission> mode,
      @Nullable String group,
      EventLoops loops)
      throws IOException {
    AtomicBoolean replace = new AtomicBoolean(takeOver);
    return start(
        () ->
            BoundServer.start(
                SocketClaim.of(socket, replace.getAndSet(false)), factory, mode, group),
        loops);
  }

  /** Starts the server of {@code binder}, and another one whenever the socket's file is deleted. */
  static RebindingServer start(Binder binder, EventLoops loops) throws IOException {
    RebindingServer server = new RebindingServer(binder.bind(), binder, loops);
    server.checkLater();
    return server;
  }

  synchronized Path path() {
    return current.socket().path();
  }

  private synchronized void checkLater() {
    if (!stopped) {
      nextCheck = loops.after(CHECK_INTERVAL, this::check);
    }
  }

  private void check() {
    switch (socket().state()) {
      case OURS -> checkLater();
      case GONE -> socketGone();
      case REPLACED -> socketReplaced();
    }
  }

  private void socketGone() {
    if (checksOfSuccessor > 0) {
      // The successor has stopped and removed its socket. This server has handed over to it.
      return;
    }
    if (isFolderThere()) {
      rebindLater();
    } else {
      checkLater();
    }
  }

  /** A successor has replaced the socket. If it was killed, this server takes the socket back. */
  private void socketReplaced() {
    int checks = checksOfSuccessor + 1;
    checksOfSuccessor = checks;
    if (!SocketClaim.mayBeLive(path())) {
      checksOfSuccessor = 0;
      rebindLater();
    } else if (checks < MAX_CHECKS_OF_SUCCESSOR) {
      checkLater();
    }
  }

  private synchronized PublishedSocket socket() {
    return current.socket();
  }

  private boolean isFolderThere() {
    @Nullable Path folder = path().getParent();
    return folder != null && Files.isDirectory(folder);
  }

  /** Binds on a thread of its own, because binding waits for an event loop. */
  private synchronized void rebindLater() {
    if (!stopped) {
      bindThread = new Thread(this::rebind, "cri-router-bind");
      bindThread.setDaemon(true);
      bindThread.start();
    }
  }

  private void rebind() {
    try {
      replace(binder.bind());
      LOG.log(
          Level.WARNING,
          () -> "no server listened on the socket " + path() + " any more: bound it again");
    } catch (IOException | RuntimeException e) {
      LOG.log(
          Level.WARNING,
          () -> "no server listens on the socket " + path() + " any more: cannot bind it again",
          e);
    }
    checkLater();
  }

  private void replace(BoundServer bound) throws IOException {
    Server old;
    synchronized (this) {
      old = stopped ? bound.server() : current.server();
      retired.removeIf(Server::isTerminated);
      retired.add(old);
      if (!stopped) {
        current = bound;
      }
    }
    if (old == bound.server()) {
      bound.socket().remove();
    }
    old.shutdown();
  }

  /** Accepts no more connections, and removes the socket unless it is replaced. */
  void shutdown() {
    BoundServer last;
    synchronized (this) {
      stopped = true;
      nextCheck.cancel();
      last = current;
    }
    try {
      last.socket().remove();
    } catch (IOException e) {
      LOG.log(Level.WARNING, () -> "cannot remove the socket " + path(), e);
    }
    last.server().shutdown();
  }

  /** Ends all connections. */
  void shutdownNow() {
    all().forEach(Server::shutdownNow);
  }

  /** Waits for the end of all connections, also of a socket that is being bound. */
  boolean awaitTermination(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    @Nullable Thread last = bindThread();
    if (last != null) {
      TimeUnit.NANOSECONDS.timedJoin(last, limit.toNanos());
      if (last.isAlive()) {
        return false;
      }
    }
    for (Server server : all()) {
      if (!server.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        return false;
      }
    }
    return true;
  }

  private synchronized @Nullable Thread bindThread() {
    return bindThread;
  }

  private synchronized List<Server> all() {
    List<Server> all = new ArrayList<>(retired);
    all.add(current.server());
    return all;
  }

  @Override
  public String toString() {
    return "unix:" + path();
  }
}
