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
 * directions. A stream is read from the backend no faster than its client takes it. What clients
 * may take is bounded by {@link ServerLimits}. If the socket's file is deleted, it is bound anew
 * within a second or two.
 *
 * <p>The backend is called on event loops and must not block them. All methods here may be called
 * from any thread.
 */
public final class CriServer implements AutoCloseable {
  private static final Duration DEFAULT_GRACE = Duration.ofSeconds(5);

  /** How long the last answers of calls that were cut off have to leave. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  /** How often it is looked whether calls have ended. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  /** The one rpc that does not end by itself. */
  private static final String ENDLESS_RPC = "GetContainerEvents";

  private final RuntimeBackend backend;
  private final EventLoops loops;
  private final Listeners listeners;
  private final ServerFactory servers;
  private final AtomicBoolean stopping = new AtomicBoolean();
  private final AtomicBoolean released = new AtomicBoolean();

  private CriServer(
      RuntimeBackend backend, EventLoops loops, Listeners listeners, ServerFactory servers) {
    this.backend = backend;
    this.loops = loops;
    this.listeners = listeners;
    this.servers = servers;
  }

  /** A builder for a server of {@code backend}, which stays the caller's own. */
  public static Builder builder(RuntimeBackend backend) {
    return new Builder(requireNonNull(backend, "backend"));
  }

  /** The path of the socket. */
  public Path socket() {
    return listeners.path();
  }

  /** What clients hold now, and how often that was too much. */
  public ServerStatistics statistics() {
    return servers.statistics();
  }

  /**
   * Completes when the calls that are under way now have ended, event streams aside. New calls are
   * served as before. Completes on an event loop; never if that ends before.
   */
  public CompletionStage<Void> endOfCalls() {
    Set<ServedCall> left =
        servers.calls().stream()
            .filter(call -> !call.method().name().equals(ENDLESS_RPC))
            .collect(Collectors.toCollection(HashSet::new));
    CompletableFuture<Void> end = new CompletableFuture<>();
    loops.after(Duration.ZERO, () -> completeWhenEnded(left, end));
    return end.minimalCompletionStage();
  }

  private void completeWhenEnded(Set<ServedCall> left, CompletableFuture<Void> end) {
    left.retainAll(servers.calls());
    if (left.isEmpty()) {
      end.complete(null);
    } else {
      loops.after(LOOK_AGAIN, () -> completeWhenEnded(left, end));
    }
  }

  /**
   * Stops in the background: no new connections from now on, and the socket is removed unless
   * another server has taken its place; event streams end at once, other calls have {@code grace}
   * to finish and are cancelled then, both with UNAVAILABLE. A second call can shorten the time.
   *
   * <p>{@link #close} is still needed, to let go of the threads.
   */
  public void shutdown(Duration grace) {
    if (stopping.compareAndSet(false, true)) {
      listeners.shutdown();
      servers.calls().stream()
          .filter(call -> call.method().name().equals(ENDLESS_RPC))
          .forEach(CriServer::cutOff);
    }
    loops.after(grace, this::cutOffAll);
  }

  /**
   * Waits until the server has stopped after {@link #shutdown}; not for event loops.
   *
   * @return whether it has stopped within {@code limit}
   */
  public boolean awaitTermination(Duration limit) throws InterruptedException {
    return listeners.awaitTermination(limit);
  }

  /**
   * Stops with a grace of 5 s, and waits for it. An earlier shutdown is shortened to that. Called
   * on an event loop it does not wait. Idempotent.
   */
  @Override
  public void close() {
    shutdown(DEFAULT_GRACE);
    if (!loops.inEventLoop()) {
      awaitEnd();
    }
    listeners.shutdownNow();
    if (released.compareAndSet(false, true)) {
      loops.release();
    }
  }

  private void awaitEnd() {
    try {
      // What goes on after that is cut off.
      boolean unused = awaitTermination(DEFAULT_GRACE.plus(LAST_WORDS).plus(LAST_WORDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void cutOffAll() {
    servers.calls().forEach(CriServer::cutOff);
    loops.after(LAST_WORDS, listeners::shutdownNow);
  }

  private static void cutOff(ServedCall call) {
    call.abort(RpcStatus.of(Code.UNAVAILABLE, "the CRI server is stopping"));
  }

  @Override
  public String toString() {
    return "CriServer(" + listeners + " -> " + backend + ")";
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
     * Who may connect, which takes the permission to write; by default the owner alone (0600), or
     * the owner and the group (0660) if there is a {@link #socketGroup}.
     */
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

    /**
     * The users whose processes may connect, besides what {@link #socketMode} permits; by default
     * all. The kernel says who a client is (SO_PEERCRED). Connections of others, root's and those
     * of this process included, are closed before a byte is read, and logged at a bounded rate.
     *
     * @param allowed user ids as this process sees them, in its user namespace
     * @throws IllegalArgumentException if there is none: nobody could connect
     */
    @CanIgnoreReturnValue
    public Builder allowedUids(int... allowed) {
      if (allowed.length == 0) {
        throw new IllegalArgumentException("allowedUids is empty: nobody could connect");
      }
      this.uids = Arrays.stream(allowed).boxed().collect(Collectors.toUnmodifiableSet());
      return this;
    }

    /** What clients may take of the server; by default {@link ServerLimits#defaults}. */
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
     * Whether to take the place of a server that listens on the socket now, by default not. New
     * connections come here then, while the other server keeps those that it has.
     */
    @CanIgnoreReturnValue
    public Builder takeOver(boolean takeIt) {
      this.takeOver = takeIt;
      return this;
    }

    /** The threads to run on; by default those shared by all who have none of their own. */
    @CanIgnoreReturnValue
    public Builder eventLoops(EventLoops own) {
      this.loops = requireNonNull(own, "own");
      return this;
    }

    /**
     * Starts to serve. Blocks for the time of a few file operations.
     *
     * @throws IOException if the socket cannot be had; the message says why, and what to do
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
      Listeners listeners = Listeners.open(path, takeOver, servers::at, mode(), group, held);
      return new CriServer(backend, held, listeners, servers);
    }

    private Set<PosixFilePermission> mode() {
      if (mode != null) {
        return mode;
      }
      return PosixFilePermissions.fromString(group == null ? "rw-------" : "rw-rw----");
    }
  }
}
