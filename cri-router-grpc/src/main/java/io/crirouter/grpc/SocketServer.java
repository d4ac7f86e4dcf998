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
 * Serves gRPC services of your own, for administration say, on a UNIX socket beside that of a
 * {@link CriServer}. The socket is bound as a CriServer's is: nobody can connect before its mode is
 * right, a file that is no socket is not replaced, nor is a live server unless told to, and a
 * socket whose file was deleted is bound anew.
 *
 * <p>It is meant for a few people and programs on the node: there can be 32 connections with 16
 * calls each, and a request can have 4 MiB. All methods may be called from any thread.
 */
public final class SocketServer implements AutoCloseable {
  private static final int MAX_CONNECTIONS = 32;
  private static final int MAX_CALLS_PER_CONNECTION = 16;
  private static final int MAX_REQUEST_BYTES = 4 << 20;
  private static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(10);
  private static final Duration IDLE_LIMIT = Duration.ofMinutes(15);

  /** What calls that are cut off have for their last words. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

  private final EventLoops loops;
  private final Listeners listeners;
  private final AtomicBoolean released = new AtomicBoolean();

  private SocketServer(EventLoops loops, Listeners listeners) {
    this.loops = loops;
    this.listeners = listeners;
  }

  /** A builder for a server without services. */
  public static Builder builder() {
    return new Builder();
  }

  /** The path of the socket. */
  public Path socket() {
    return listeners.path();
  }

  /**
   * Takes no more calls and removes the socket, unless another server has taken its place. Calls
   * under way go on until {@link #close}.
   */
  public void shutdown() {
    listeners.shutdown();
  }

  /**
   * Stops, and cuts off what is under way. Waits for that, 1 s at most; not on an event loop.
   * Idempotent.
   */
  @Override
  public void close() {
    if (!released.compareAndSet(false, true)) {
      return;
    }
    listeners.shutdown();
    listeners.shutdownNow();
    if (!loops.inEventLoop()) {
      awaitEnd();
    }
    loops.release();
  }

  private void awaitEnd() {
    try {
      // A peer that does not read may keep its connection: the end of the threads ends it too.
      boolean unused = listeners.awaitTermination(CLOSE_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "SocketServer(" + listeners + ")";
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

    /** Who may connect, which takes the permission to write; by default the owner alone (0600). */
    @CanIgnoreReturnValue
    public Builder socketMode(Set<PosixFilePermission> permissions) {
      this.mode = Set.copyOf(permissions);
      return this;
    }

    /** The group that the socket belongs to: a name, or a number. */
    @CanIgnoreReturnValue
    public Builder socketGroup(String name) {
      this.group = requireNonNull(name, "name");
      return this;
    }

    /** Whether to take the place of a server that listens on the socket now, by default not. */
    @CanIgnoreReturnValue
    public Builder takeOver(boolean takeIt) {
      this.takeOver = takeIt;
      return this;
    }

    /** The threads that move bytes; by default those shared by all who have none of their own. */
    @CanIgnoreReturnValue
    public Builder eventLoops(EventLoops own) {
      this.loops = requireNonNull(own, "own");
      return this;
    }

    /** Runs the services, so that they may block. It stays the caller's own. */
    @CanIgnoreReturnValue
    public Builder executor(Executor own) {
      this.executor = requireNonNull(own, "own");
      return this;
    }

    /** One more service. */
    @CanIgnoreReturnValue
    public Builder service(BindableService service) {
      return service(service.bindService());
    }

    /** One more service. */
    @CanIgnoreReturnValue
    public Builder service(ServerServiceDefinition service) {
      services.add(requireNonNull(service, "service"));
      return this;
    }

    /**
     * Starts to serve. Blocks for the time of a few file operations.
     *
     * @throws IOException if the socket cannot be had; the message says why, and what to do
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
      Listeners listeners =
          Listeners.open(
              path, takeOver, at -> server(at, runner, held, connections), mode, group, held);
      return new SocketServer(held, listeners);
    }

    private Server server(
        Path path, Executor runner, EventLoops held, ServedConnections connections) {
      NettyServerBuilder server =
          held.serverAt(path, List.of(connections))
              .executor(runner)
              .addTransportFilter(connections.filter())
              .intercept(new CountedCalls(held.scheduler()::nanoTime))
              .maxInboundMessageSize(MAX_REQUEST_BYTES)
              .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
              .handshakeTimeout(HANDSHAKE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
              .maxConnectionIdle(IDLE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      services.forEach(server::addService);
      return server.build();
    }
  }
}
