package io.crirouter.grpc;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Serves an embedder's own gRPC services, for example for administration, on a UNIX socket beside
 * that of a {@link CriServer}. The socket is bound as that of a CriServer: no client can connect
 * before its mode is set, a file that is no socket is not replaced, a live server is replaced only
 * with {@link Builder#takeOver}, and the socket is bound again if its file is deleted.
 *
 * <p>The limits suit a few people and programs on the node: 32 connections with 16 calls each, and
 * 4 MiB for a request. All methods may be called from any thread.
 */
public final class SocketServer implements AutoCloseable {
  private static final int MAX_CONNECTIONS = 32;
  private static final int MAX_CALLS_PER_CONNECTION = 16;
  private static final int MAX_REQUEST_BYTES = 4 << 20;
  private static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(10);
  private static final Duration IDLE_LIMIT = Duration.ofMinutes(15);

  /** How long the statuses of aborted calls have to be written. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

  private final EventLoops loops;
  private final RebindingServer server;
  private final AtomicBoolean released = new AtomicBoolean();

  private SocketServer(EventLoops loops, RebindingServer server) {
    this.loops = loops;
    this.server = server;
  }

  /** A builder for a server without services. */
  public static Builder builder() {
    return new Builder();
  }

  /** The path of the socket. */
  public Path socket() {
    return server.path();
  }

  /**
   * Accepts no more calls, and removes the socket unless another server has taken its place. Calls
   * under way continue until {@link #close}.
   */
  public void shutdown() {
    server.shutdown();
  }

  /**
   * Stops and aborts all calls. Waits for that, 1 s at most, unless it is called on an event loop.
   * Idempotent.
   */
  @Override
  public void close() {
    if (!released.compareAndSet(false, true)) {
      return;
    }
    server.shutdown();
    server.shutdownNow();
    if (!loops.inEventLoop()) {
      awaitEnd();
    }
    loops.release();
  }

  private void awaitEnd() {
    try {
      // A peer that does not read may delay the end. Its connection ends with the threads.
      boolean unused = server.awaitTermination(CLOSE_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "SocketServer(" + server + ")";
  }

  /** Configures a {@link SocketServer}. The socket and the executor have no defaults. */
  public static final class Builder {
    private final List<ServerServiceDefinition> services = new ArrayList<>();
    private @Nullable Path socket;
    private @Nullable Executor executor;
    private Set<PosixFilePermission> mode = PosixFilePermissions.fromString("rw-------");
    private @Nullable String group;
    private boolean takeOver;
    private @Nullable EventLoops loops;

    private Builder() {}

    /** The socket's path. Its folder must exist. */
    @CanIgnoreReturnValue
    public Builder socket(Path path) {
      this.socket = requireNonNull(path, "path");
      return this;
    }

    /** The mode of the socket's file; by default only the owner may connect (0600). */
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

    /** Whether to replace a server that listens on the socket now; by default not. */
    @CanIgnoreReturnValue
    public Builder takeOver(boolean takeIt) {
      this.takeOver = takeIt;
      return this;
    }

    /** The threads that do I/O; by default the event loops that all servers and backends share. */
    @CanIgnoreReturnValue
    public Builder eventLoops(EventLoops own) {
      this.loops = requireNonNull(own, "own");
      return this;
    }

    /** Runs the services, which may block it. The caller still owns it. */
    @CanIgnoreReturnValue
    public Builder executor(Executor own) {
      this.executor = requireNonNull(own, "own");
      return this;
    }

    /** Adds a service. */
    @CanIgnoreReturnValue
    public Builder service(BindableService service) {
      return service(service.bindService());
    }

    /** Adds a service. */
    @CanIgnoreReturnValue
    public Builder service(ServerServiceDefinition service) {
      services.add(requireNonNull(service, "service"));
      return this;
    }

    /**
     * Starts the server. Blocks for the time of a few file operations.
     *
     * @throws IOException if the socket cannot be bound; the message tells why and what to do
     * @throws IllegalStateException if there is no {@link #socket} or no {@link #executor}
     * @throws UnsupportedOperationException if this is not Linux on x86_64 or aarch64
     */
    public SocketServer start() throws IOException {
      if (socket == null || executor == null) {
        throw new IllegalStateException(
            "a SocketServer needs a socket(Path) and an executor(Executor)");
      }
      EventLoops held = loops == null ? EventLoops.holdShared() : loops.hold();
      try {
        return start(socket, executor, held);
      } catch (IOException | RuntimeException e) {
        held.release();
        throw e;
      }
    }

    private SocketServer start(Path path, Executor runner, EventLoops held) throws IOException {
      ServedConnections connections =
          new ServedConnections(MAX_CONNECTIONS, held.scheduler()::nanoTime);
      RebindingServer server =
          RebindingServer.start(
              path, takeOver, at -> server(at, runner, held, connections), mode, group, held);
      return new SocketServer(held, server);
    }

    private Server server(
        Path path, Executor runner, EventLoops held, ServedConnections connections) {
      NettyServerBuilder server =
          held.serverAt(path, List.of(connections))
              .executor(runner)
              .addTransportFilter(connections.filter())
              .intercept(new CallCountingInterceptor(held.scheduler()::nanoTime))
              .maxInboundMessageSize(MAX_REQUEST_BYTES)
              .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
              .handshakeTimeout(HANDSHAKE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
              .maxConnectionIdle(IDLE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      services.forEach(server::addService);
      return server.build();
    }
  }
}
