package io.crirouter.grpc;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Serves a {@link RuntimeBackend} (the router, or a fake) as a CRI runtime on a UNIX socket.
 *
 * <pre>{@code
 * try (CriServer server = CriServer.builder(router).socket(socket).eventLoops(loops).start()) {
 *   stop.await();
 * }
 * }</pre>
 *
 * <p>Bytes, headers, trailers, statuses, deadlines and cancellation pass unchanged in both
 * directions. A stream is read from the backend no faster than its client reads it. {@link
 * ServerLimits} bound what clients may use. If the socket's file is deleted, the socket is bound
 * again within about two seconds.
 *
 * <p>The backend is called on event loops and must not block them. All methods may be called from
 * any thread.
 */
public final class CriServer implements AutoCloseable {
  private static final Duration DEFAULT_GRACE = Duration.ofSeconds(5);

  /** How long the statuses of aborted calls have to be written before connections are closed. */
  private static final Duration FLUSH_TIME = Duration.ofSeconds(1);

  /** How often {@link #endOfCalls} checks whether the calls have ended. */
  private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

  /** The only rpc that does not end by itself. */
  private static final String EVENT_STREAM = "GetContainerEvents";

  private final RuntimeBackend backend;
  private final EventLoops loops;
  private final RebindingServer server;
  private final ServerFactory servers;
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final AtomicBoolean released = new AtomicBoolean();

  private CriServer(
      RuntimeBackend backend, EventLoops loops, RebindingServer server, ServerFactory servers) {
    this.backend = backend;
    this.loops = loops;
    this.server = server;
    this.servers = servers;
  }

  /** A builder for a server of {@code backend}. The caller still owns the backend. */
  public static Builder builder(RuntimeBackend backend) {
    return new Builder(requireNonNull(backend, "backend"));
  }

  /** The path of the socket. */
  public Path socket() {
    return server.path();
  }

  /** What clients use of the limits now, and how often a limit was exceeded. */
  public ServerStatistics statistics() {
    return servers.statistics();
  }

  /**
   * Completes when all calls that are under way now have ended, except event streams. New calls are
   * served as before. Completes on an event loop, or never if that ends before.
   */
  public CompletionStage<Void> endOfCalls() {
    Set<ServedCall> underWay =
        servers.calls().stream()
            .filter(call -> !call.method().name().equals(EVENT_STREAM))
            .collect(Collectors.toCollection(HashSet::new));
    CompletableFuture<Void> end = new CompletableFuture<>();
    loops.after(Duration.ZERO, () -> completeWhenEnded(underWay, end));
    return end.minimalCompletionStage();
  }

  private void completeWhenEnded(Set<ServedCall> underWay, CompletableFuture<Void> end) {
    underWay.retainAll(servers.calls());
    if (underWay.isEmpty()) {
      end.complete(null);
    } else {
      loops.after(POLL_INTERVAL, () -> completeWhenEnded(underWay, end));
    }
  }

  /**
   * Stops in the background. No new connections are accepted, and the socket is removed unless
   * another server has taken its place. Event streams are aborted at once, other calls after {@code
   * grace}, both with UNAVAILABLE. A second call can shorten the time.
   *
   * <p>{@link #close} is still needed, to release the threads.
   */
  public void shutdown(Duration grace) {
    if (stopping.compareAndSet(false, true)) {
      server.shutdown();
      servers.calls().stream()
          .filter(call -> call.method().name().equals(EVENT_STREAM))
          .forEach(CriServer::abort);
    }
    loops.after(grace, this::abortAll);
  }

  /**
   * Waits until the server has stopped after {@link #shutdown}. Must not be called on an event
   * loop.
   *
   * @return whether it has stopped within {@code limit}
   */
  public boolean awaitTermination(Duration limit) throws InterruptedException {
    return server.awaitTermination(limit);
  }

  /**
   * Stops with a grace of 5 s and waits for the end. It shortens an earlier shutdown to that. On an
   * event loop it does not wait. Idempotent.
   */
  @Override
  public void close() {
    shutdown(DEFAULT_GRACE);
    if (!loops.inEventLoop()) {
      awaitEnd();
    }
    server.shutdownNow();
    if (released.compareAndSet(false, true)) {
      loops.release();
    }
  }

  private void awaitEnd() {
    try {
      // After that all connections are closed.
      boolean unused = awaitTermination(DEFAULT_GRACE.plus(FLUSH_TIME).plus(FLUSH_TIME));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void abortAll() {
    servers.calls().forEach(CriServer::abort);
    loops.after(FLUSH_TIME, server::shutdownNow);
  }

  private static void abort(ServedCall call) {
    call.abort(RpcStatus.of(Code.UNAVAILABLE, "the CRI server is stopping"));
  }

  @Override
  public String toString() {
    return "CriServer(" + server + " -> " + backend + ")";
  }

  /** Configures a {@link CriServer}. Only {@link #socket} has no default. */
  public static final class Builder {
    private final RuntimeBackend backend;
    private @Nullable Path socket;
    private @Nullable Set<PosixFilePermission> mode;
    private @Nullable String group;
    private @Nullable Set<Integer> uids;
    private ServerLimits limits = ServerLimits.defaults();
    private Set<ApiVersion> versions = EnumSet.allOf(ApiVersion.class);
    private boolean takeOver;
    private @Nullable EventLoops loops;

    private Builder(RuntimeBackend backend) {
      this.backend = backend;
    }

    /** The socket's path. Its folder must exist. */
    @CanIgnoreReturnValue
    public Builder socket(Path path) {
      this.socket = requireNonNull(path, "path");
      return this;
    }

    /**
     * The mode of the socket's file. Whoever may write may connect. By default that is the owner
     * (0600), or the owner and the group (0660) if there is a {@link #socketGroup}.
     */
    @CanIgnoreReturnValue
    public Builder socketMode(Set<PosixFilePermission> permissions) {
      this.mode = Set.copyOf(permissions);
      return this;
    }

    /** The group of the socket's file: a name or a number. */
    @CanIgnoreReturnValue
    public Builder socketGroup(String name) {
      this.group = requireNonNull(name, "name");
      return this;
    }

    /**
     * The users whose processes may connect, of those that {@link #socketMode} permits; by default
     * all. The kernel tells the user of a client (SO_PEERCRED). Connections of other users, also of
     * root and of this process, are closed before a byte is read and logged at a bounded rate.
     *
     * @param allowed user ids in the user namespace of this process
     * @throws IllegalArgumentException if there is none: no client could connect
     */
    @CanIgnoreReturnValue
    public Builder allowedUids(int... allowed) {
      if (allowed.length == 0) {
        throw new IllegalArgumentException("allowedUids is empty: name at least one user id");
      }
      this.uids = Arrays.stream(allowed).boxed().collect(Collectors.toUnmodifiableSet());
      return this;
    }

    /** The limits of the clients; by default {@link ServerLimits#defaults}. */
    @CanIgnoreReturnValue
    public Builder limits(ServerLimits own) {
      this.limits = requireNonNull(own, "own");
      return this;
    }

    /** The versions of CRI to serve; by default both. */
    @CanIgnoreReturnValue
    public Builder apiVersions(Set<ApiVersion> served) {
      if (served.isEmpty()) {
        throw new IllegalArgumentException("apiVersions is empty: name at least one");
      }
      this.versions = EnumSet.copyOf(served);
      return this;
    }

    /**
     * Whether to replace a server that listens on the socket now; by default not. New connections
     * reach this server then. The other server keeps those that it has.
     */
    @CanIgnoreReturnValue
    public Builder takeOver(boolean takeIt) {
      this.takeOver = takeIt;
      return this;
    }

    /**
     * The threads of the server; by default the event loops that all servers and backends share.
     */
    @CanIgnoreReturnValue
    public Builder eventLoops(EventLoops own) {
      this.loops = requireNonNull(own, "own");
      return this;
    }

    /**
     * Starts the server. Blocks for the time of a few file operations.
     *
     * @throws IOException if the socket cannot be bound; the message tells why and what to do
     * @throws IllegalStateException if there is no {@link #socket}
     * @throws UnsupportedOperationException if this is not Linux on x86_64 or aarch64
     */
    public CriServer start() throws IOException {
      if (socket == null) {
        throw new IllegalStateException("a CriServer needs a socket(Path)");
      }
      EventLoops held = loops == null ? EventLoops.holdShared() : loops.hold();
      try {
        return start(socket, held);
      } catch (IOException | RuntimeException e) {
        held.release();
        throw e;
      }
    }

    private CriServer start(Path path, EventLoops held) throws IOException {
      ServerFactory servers = new ServerFactory(backend, path, limits, versions, uids, held);
      RebindingServer server =
          RebindingServer.start(path, takeOver, servers::at, mode(), group, held);
      return new CriServer(backend, held, server, servers);
    }

    private Set<PosixFilePermission> mode() {
      if (mode != null) {
        return mode;
      }
      return PosixFilePermissions.fromString(group == null ? "rw-------" : "rw-rw----");
    }
  }
}
