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
 * What a {@link CriServer} listens with: one socket and its gRPC server, and another one in its
 * place when somebody has deleted the socket's file. Connections to the old one end when their
 * calls have.
 */
final class Listeners {
  /** How often it is looked whether the file is there; a client notices no sooner. */
  private static final Duration PERIOD = Duration.ofSeconds(1);

  /** After that a successor stays, or will be found out by the operator. */
  private static final int MAX_LOOKS_AT_SUCCESSOR = 10;

  private static final LimitedLog LOG = LimitedLog.of(Listeners.class);

  /** Binds the socket and serves on it; may block for a while. */
  interface Opener {
    Listener open() throws IOException;
  }

  /**
   * A server that listens.
   *
   * @param server takes the calls
   * @param socket where
   */
  record Listener(Server server, PublishedSocket socket) {
    /** Starts a server, which {@code builder} makes for a path, and gives it its final one. */
    static Listener at(
        SocketClaim claimed,
        Function<Path, Server> builder,
        Set<PosixFilePermission> mode,
        @Nullable String group)
        throws IOException {
      try (SocketClaim claim = claimed) {
        Server server = builder.apply(claim.temporary()).start();
        try {
          return new Listener(server, claim.publish(mode, group));
        } catch (IOException | RuntimeException e) {
          server.shutdownNow();
          throw e;
        }
      }
    }
  }

  private final Opener opener;
  private final EventLoops loops;
  private final List<Server> retired = new ArrayList<>();
  private Listener current;
  private boolean stopped;

  /** Used by one task after the other. */
  private volatile int looksAtSuccessor;

  private Cancellable next = () -> {};
  private @Nullable Thread binding;

  private Listeners(Listener first, Opener opener, EventLoops loops) {
    this.current = first;
    this.opener = opener;
    this.loops = loops;
  }

  /**
   * Listens at {@code socket}, and sees to it that it goes on.
   *
   * @param takeOver whether a live server that listens there now is to be replaced
   * @param servers makes a server for a path
   * @param group null leaves the group as it is
   */
  static Listeners open(
      Path socket,
      boolean takeOver,
      Function<Path, Server> servers,
      Set<PosixFilePermission> mode,
      @Nullable String group,
      EventLoops loops)
      throws IOException {
    AtomicBoolean replace = new AtomicBoolean(takeOver);
    return open(
        () -> Listener.at(SocketClaim.of(socket, replace.getAndSet(false)), servers, mode, group),
        loops);
  }

  /** Listens with what {@code opener} opens, and opens anew when the socket's file was deleted. */
  static Listeners open(Opener opener, EventLoops loops) throws IOException {
    Listeners listeners = new Listeners(opener.open(), opener, loops);
    listeners.lookLater();
    return listeners;
  }

  synchronized Path path() {
    return current.socket().path();
  }

  private synchronized void lookLater() {
    if (!stopped) {
      next = loops.after(PERIOD, this::look);
    }
  }

  private void look() {
    PublishedSocket.State state = socket().state();
    boolean isDeleted = state == PublishedSocket.State.GONE && isFolderThere();
    switch (state) {
      case OURS -> lookLater();
      case GONE -> openAnewLaterIf(isDeleted && looksAtSuccessor == 0);
      case REPLACED -> lookAtSuccessor();
    }
  }

  private void openAnewLaterIf(boolean isWanted) {
    if (isWanted) {
      openAnewLater();
    } else if (looksAtSuccessor == 0) {
      lookLater();
    }
    // A successor that stops removes its socket, which is then no longer ours to have.
  }

  /**
   * Whoever has replaced the socket takes over, and tells us to stop. If it is killed before,
   * nobody serves at its socket.
   */
  private void lookAtSuccessor() {
    int looks = looksAtSuccessor + 1;
    looksAtSuccessor = looks;
    if (!SocketClaim.mayBeLive(path())) {
      looksAtSuccessor = 0;
      openAnewLater();
    } else if (looks < MAX_LOOKS_AT_SUCCESSOR) {
      lookLater();
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
  private synchronized void openAnewLater() {
    if (!stopped) {
      binding = new Thread(this::openAnew, "cri-router-bind");
      binding.setDaemon(true);
      binding.start();
    }
  }

  private void openAnew() {
    try {
      replace(opener.open());
      LOG.log(
          Level.WARNING,
          () -> "nobody served at the socket " + path() + " any more: listening anew");
    } catch (IOException | RuntimeException e) {
      LOG.log(
          Level.WARNING,
          () -> "nobody serves at the socket " + path() + " any more: cannot bind it anew",
          e);
    }
    lookLater();
  }

  private void replace(Listener fresh) throws IOException {
    Server old;
    synchronized (this) {
      old = stopped ? fresh.server() : current.server();
      retired.removeIf(Server::isTerminated);
      retired.add(old);
      if (!stopped) {
        current = fresh;
      }
    }
    if (old == fresh.server()) {
      fresh.socket().remove();
    }
    old.shutdown();
  }

  /** Takes no more connections and removes the socket, unless it is somebody else's. */
  void shutdown() {
    Listener last;
    synchronized (this) {
      stopped = true;
      next.cancel();
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

  /** Waits for the end of all connections, and of a socket that was bound meanwhile. */
  boolean awaitTermination(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    @Nullable Thread last = binding();
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

  private synchronized @Nullable Thread binding() {
    return binding;
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
