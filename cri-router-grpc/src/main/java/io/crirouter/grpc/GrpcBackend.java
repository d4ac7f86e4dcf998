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
 * <p>It connects with the first call. After the connection is lost, the next call connects again,
 * and so does a socket file that appears. A call that may have reached the runtime is never sent
 * twice. On a new connection the runtime is asked for its version first. Calls wait for that, for
 * {@link Builder#connectTimeout} at most and within their own time limits. A call that is cancelled
 * while it waits is never sent.
 *
 * <p>Statuses, headers and trailers of the runtime pass unchanged. A status that the runtime did
 * not send has another {@linkplain io.crirouter.core.RpcStatus.Origin origin}.
 *
 * <p>All methods may be called from any thread. Answers are delivered on event loops, which must
 * not be blocked.
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
            options.socket, options.limits(), options.channelOptions(), loops, gate::disconnected);
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

  /** Whether calls are under way or wait for the connection. Event streams are calls too. */
  public boolean hasCalls() {
    return gate.hasWaiting() || connection.hasCalls();
  }

  /**
   * Ends the connection, and all calls with UNAVAILABLE. Waits for that, 2 s at most, unless it is
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
    /** The limit of kubelets and crictl. */
    private static final int DEFAULT_MAX_RESPONSE_BYTES = 16 << 20;

    private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /**
     * The limit of gRPC clients in Go, such as kubelets. A status message and its details are
     * headers too: with gRPC-Java's default of 8 KiB a longer one would break the connection and
     * all its calls.
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

    /** The user agent that the runtime sees, before gRPC's own; by default {@code cri-router}. */
    @CanIgnoreReturnValue
    public Builder userAgent(String name) {
      this.userAgent = requireNonNull(name, "name");
      return this;
    }

    /**
     * Sends an HTTP/2 ping on a connection that has been silent for {@code interval}, and closes
     * the connection if there is no answer within {@code limit}. gRPC raises the interval to 10 s
     * at least. By default there are no pings: the router detects a runtime that hangs by its
     * Version calls. gRPC servers in Go, such as containerd and CRI-O, end connections that are
     * pinged more often than every five minutes.
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
     * Adds an interceptor, which is called after those that were added before it. It sees every
     * call, also the Version call of the backend itself. Messages are {@link
     * com.google.protobuf.ByteString}s. It runs on the threads of the calls and must not block.
     */
    @CanIgnoreReturnValue
    public Builder interceptor(ClientInterceptor interceptor) {
      interceptors.add(requireNonNull(interceptor, "interceptor"));
      return this;
    }

    /**
     * Sets channel options that have no method here. They are applied after all others, to the
     * builder of each channel: there is a new one for each connection. Do not change what the
     * backend depends on, for example its executor and its event loops.
     */
    @CanIgnoreReturnValue
    public Builder channel(Consumer<ManagedChannelBuilder<?>> options) {
      this.more = requireNonNull(options, "options");
      return this;
    }

    /**
     * Limits the bytes of answers that are received but not complete, together with those of other
     * backends that have the same limit. By default, and if {@link #maxResponseBytes} is more than
     * it permits, this runtime has a limit of its own: 24 MiB, or one answer if that is more.
     */
    @CanIgnoreReturnValue
    public Builder unfinishedAnswers(UnfinishedAnswers limit) {
      this.unfinishedAnswers = requireNonNull(limit, "limit");
      return this;
    }

    private BackendLimits limits() {
      UnfinishedAnswers shared = unfinishedAnswers;
      UnfinishedAnswers limit =
          shared != null && shared.hasRoomForOne(maxResponseBytes)
              ? shared
              : UnfinishedAnswers.ofOne(maxResponseBytes);
      return new BackendLimits(maxResponseBytes, limit, connectTimeout);
    }

    private ChannelOptions channelOptions() {
      return new ChannelOptions(
          maxResponseBytes, maxHeaderBytes, userAgent, keepAlive, interceptors, more);
    }

    /**
     * How long a call waits for the connection and the runtime's version before it ends with
     * UNAVAILABLE; by default 5 s. It ends at once if the socket does not exist or refuses.
     */
    @CanIgnoreReturnValue
    public Builder connectTimeout(Duration timeout) {
      if (timeout.isNegative() || timeout.isZero()) {
        throw new IllegalArgumentException("connectTimeout must be positive, not " + timeout);
      }
      this.connectTimeout = timeout;
      return this;
    }

    /** The version to speak. By default the runtime is asked for it. */
    @CanIgnoreReturnValue
    public Builder apiVersion(ApiVersion spoken) {
      this.version = requireNonNull(spoken, "spoken");
      return this;
    }

    /**
     * The threads of the backend; by default the event loops that all servers and backends share.
     */
    @CanIgnoreReturnValue
    public Builder eventLoops(EventLoops own) {
      this.loops = requireNonNull(own, "own");
      return this;
    }

    /**
     * Builds the backend, which connects with its first call.
     *
     * @throws UnsupportedOperationException if this is not Linux on x86_64 or aarch64
     */
    public GrpcBackend build() {
      return new GrpcBackend(this, loops == null ? EventLoops.holdShared() : loops.hold());
    }
  }
}
