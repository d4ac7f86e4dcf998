package io.crirouter.grpc;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannelBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A runtime behind a UNIX socket.
 *
 * <pre>{@code
 * GrpcBackend containerd =
 *     GrpcBackend.builder(Path.of("/run/containerd/containerd.sock")).eventLoops(loops).build();
 * }</pre>
 *
 * <p>It connects when the first call comes, and again after the connection broke: each call tries,
 * and so does a socket file that appears, so that a runtime is back as soon as it serves. Nothing
 * is retried that may have reached the runtime. On a new connection it asks the runtime for its
 * version first; calls wait for the answer, for {@link Builder#connectTimeout} at most and within
 * their own time limits, and one that is cancelled meanwhile is never sent.
 *
 * <p>Statuses, headers and trailers of the runtime pass unchanged. What this side makes up is told
 * apart by its {@linkplain io.crirouter.core.RpcStatus.Origin origin}.
 *
 * <p>All methods may be called from any thread; answers come on event loops, which must not be
 * blocked.
 */
public final class GrpcBackend implements RuntimeBackend, AutoCloseable {
  private final EventLoops loops;
  private final RuntimeConnection connection;
  private final @Nullable ApiVersion fixedVersion;
  private final VersionGate gate;
  private final AtomicBoolean closed = new AtomicBoolean();

  private GrpcBackend(Builder options, EventLoops loops) {
    this.loops = loops;
    this.fixedVersion = options.version;
    this.gate = new VersionGate(this::send, options.connectTimeout);
    this.connection =
        new RuntimeConnection(
            options.socket, options.limits(), options.channelOptions(), loops, gate::forget);
  }

  /** A backend for the runtime at {@code socket}, which need not exist yet, with all defaults. */
  public static GrpcBackend connect(Path socket) {
    return builder(socket).build();
  }

  /**
   * A builder for a backend for the runtime at {@code socket}, which need not exist yet.
   *
   * @throws IllegalArgumentException if the path is longer than a socket's can be
   */
  public static Builder builder(Path socket) {
    return new Builder(requireNonNull(socket, "socket"));
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    ApiVersion version = fixedVersion != null ? fixedVersion : gate.known();
    if (version != null) {
      return send(request, version, listener);
    }
    GatedCall call = new GatedCall(connection, gate, request, listener);
    call.start();
    return call;
  }

  private RuntimeCall send(CriRequest request, ApiVersion version, ResponseListener listener) {
    TimeLimit time = new TimeLimit(request.timeoutNanos());
    BackendCall call = new BackendCall(connection, request, listener, time);
    call.start(version);
    return call;
  }

  @Override
  public String address() {
    return connection.toString();
  }

  @Override
  public void onReachabilityChange(Runnable listener) {
    connection.onReachabilityChange(requireNonNull(listener, "listener"));
  }

  /** Whether calls are under way, or wait for the connection; event streams are calls too. */
  public boolean hasCalls() {
    return gate.hasWaiting() || connection.hasCalls();
  }

  /**
   * Ends the connection and all calls, with UNAVAILABLE. Waits for that, 2 s at most, unless it is
   * called on an event loop. Idempotent.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      connection.close();
      loops.release();
    }
  }

  @Override
  public String toString() {
    return "GrpcBackend(" + address() + ")";
  }

  /** Configures a {@link GrpcBackend}. */
  public static final class Builder {
    /** What kubelets and crictl accept. */
    private static final int DEFAULT_MAX_RESPONSE_BYTES = 16 << 20;

    private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /**
     * What Go clients, kubelets among them, accept. An error's message and details are headers too,
     * and with gRPC-Java's 8 KiB a longer message would break the connection with all its calls.
     */
    private static final int DEFAULT_MAX_HEADER_BYTES = 16 << 20;

    private final Path socket;
    private int maxResponseBytes = DEFAULT_MAX_RESPONSE_BYTES;
    private @Nullable UnfinishedAnswers unfinishedAnswers;
    private Duration connectTimeout = DEFAULT_CONNECT_TIMEOUT;
    private final List<ClientInterceptor> interceptors = new ArrayList<>();
    private int maxHeaderBytes = DEFAULT_MAX_HEADER_BYTES;
    private String userAgent = "cri-router";
    private Optional<ChannelOptions.KeepAlive> keepAlive = Optional.empty();
    private Consumer<ManagedChannelBuilder<?>> more = channel -> {};
    private @Nullable ApiVersion version;
    private @Nullable EventLoops loops;

    private Builder(Path socket) {
      if (SocketPath.length(socket) > SocketPath.MAX_BYTES) {
        throw new IllegalArgumentException(
            socket
                + " cannot be a socket: the path has more than "
                + SocketPath.MAX_BYTES
                + " bytes, which is all that Linux accepts");
      }
      this.socket = socket;
    }

    /**
     * How large a response message may be, in bytes; by default 16 MiB, which is what kubelets
     * take. A larger one ends its call with RESOURCE_EXHAUSTED.
     */
    @CanIgnoreReturnValue
    public Builder maxResponseBytes(int bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("maxResponseBytes must be at least 1, not " + bytes);
      }
      this.maxResponseBytes = bytes;
      return this;
    }

    /**
     * How large the headers or the trailers of a response may be, in bytes; by default 16 MiB.
     * Larger ones break the connection with all its calls.
     */
    @CanIgnoreReturnValue
    public Builder maxHeaderBytes(int bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("maxHeaderBytes must be at least 1, not " + bytes);
      }
      this.maxHeaderBytes = bytes;
      return this;
    }

    /**
     * The user agent that the runtime is told, before gRPC's own; by default {@code cri-router}.
     */
    @CanIgnoreReturnValue
    public Builder userAgent(String name) {
      this.userAgent = requireNonNull(name, "name");
      return this;
    }

    /**
     * Checks a connection that has been silent for {@code interval}, which gRPC raises to 10 s if
     * it is less, by an HTTP/2 ping; without an answer within {@code limit} the connection is
     * closed. By default there is none: the router finds a runtime that hangs by its Version. gRPC
     * servers in Go, as those of containerd and CRI-O, end connections that are pinged more often
     * than every five minutes.
     */
    @CanIgnoreReturnValue
    public Builder keepAlive(Duration interval, Duration limit) {
      if (interval.isNegative() || interval.isZero() || limit.isNegative() || limit.isZero()) {
        throw new IllegalArgumentException(
            "keepAlive must be positive, not " + interval + " and " + limit);
      }
      this.keepAlive = Optional.of(new ChannelOptions.KeepAlive(interval, limit));
      return this;
    }

    /**
     * One more interceptor, which sees each call after those that were added before it, the Version
     * by which the backend finds out the runtime's version included. Messages are {@link
     * com.google.protobuf.ByteString}s. It runs on the threads of the calls and must not block.
     */
    @CanIgnoreReturnValue
    public Builder interceptor(ClientInterceptor interceptor) {
      interceptors.add(requireNonNull(interceptor, "interceptor"));
      return this;
    }

    /**
     * Sets what there is no method for. It is applied after everything else, to the builder of each
     * channel: there is a new one for each connection. What the backend depends on, its executor
     * and its event loops for example, is not to be changed.
     */
    @CanIgnoreReturnValue
    public Builder channel(Consumer<ManagedChannelBuilder<?>> options) {
      this.more = requireNonNull(options, "options");
      return this;
    }

    /**
     * Limits the answers of the runtime that have come in but are not complete, together with those
     * of others that have the same limit. By default, and if {@link #maxResponseBytes} is more than
     * it permits, this runtime alone may have 24 MiB, or one answer.
     */
    @CanIgnoreReturnValue
    public Builder unfinishedAnswers(UnfinishedAnswers limit) {
      this.unfinishedAnswers = requireNonNull(limit, "limit");
      return this;
    }

    private Limits limits() {
      UnfinishedAnswers shared = unfinishedAnswers;
      UnfinishedAnswers limit =
          shared != null && shared.hasRoomForOne(maxResponseBytes)
              ? shared
              : UnfinishedAnswers.ofOne(maxResponseBytes);
      return new Limits(maxResponseBytes, limit, connectTimeout);
    }

    private ChannelOptions channelOptions() {
      return new ChannelOptions(
          maxResponseBytes, maxHeaderBytes, userAgent, keepAlive, interceptors, more);
    }

    /**
     * How long a call waits for the connection and the runtime's version before it ends with
     * UNAVAILABLE; by default 5 s. A socket that does not exist or refuses ends it at once.
     */
    @CanIgnoreReturnValue
    public Builder connectTimeout(Duration timeout) {
      if (timeout.isNegative() || timeout.isZero()) {
        throw new IllegalArgumentException("connectTimeout must be positive, not " + timeout);
      }
      this.connectTimeout = timeout;
      return this;
    }

    /** Speaks {@code spoken} without asking the runtime; by default it is asked. */
    @CanIgnoreReturnValue
    public Builder apiVersion(ApiVersion spoken) {
      this.version = requireNonNull(spoken, "spoken");
      return this;
    }

    /** The threads to run on; by default those shared by all who have none of their own. */
    @CanIgnoreReturnValue
    public Builder eventLoops(EventLoops own) {
      this.loops = requireNonNull(own, "own");
      return this;
    }

    /**
     * Makes the backend. Nothing is connected yet.
     *
     * @throws UnsupportedOperationException if this is not Linux on x86_64 or aarch64
     */
    public GrpcBackend build() {
      return new GrpcBackend(this, loops == null ? EventLoops.holdShared() : loops.hold());
    }
  }
}
