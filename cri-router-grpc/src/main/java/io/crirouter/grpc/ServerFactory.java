package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RuntimeBackend;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the gRPC servers of one {@link CriServer}: a new one each time its socket is bound. They
 * share their limits and their set of calls. Thread-safe.
 */
final class ServerFactory {
  /** Room for trace context and baggage, which gRPC's default of 8 KiB may not have. */
  private static final int MAX_HEADER_BYTES = 16 << 10;

  /** The flow control window of a stream. */
  private static final int WINDOW_BYTES = 1 << 20;

  private final RuntimeBackend backend;
  private final ServerLimits limits;
  private final Set<ApiVersion> versions;
  private final EventLoops loops;
  private final ServerBounds bounds;
  private final ServedConnections connections;
  private final List<ChannelHandler> acceptHandlers;
  private final Set<ServedCall> calls = ConcurrentHashMap.newKeySet();

  /**
   * A factory for servers of {@code backend}.
   *
   * @param socket the path that clients use, for messages
   * @param uids the users who may connect; null for all
   */
  ServerFactory(
      RuntimeBackend backend,
      Path socket,
      ServerLimits limits,
      Set<ApiVersion> versions,
      @Nullable Set<Integer> uids,
      EventLoops loops) {
    this.backend = backend;
    this.limits = limits;
    this.versions = versions;
    this.loops = loops;
    LongSupplier nanoTime = loops.scheduler()::nanoTime;
    bounds = new ServerBounds(limits, nanoTime);
    connections = new ServedConnections(limits.connections(), nanoTime);
    acceptHandlers =
        uids == null ? List.of(connections) : List.of(new PeerCheck(socket, uids), connections);
  }

  /** What clients use of the limits now, and how often a limit was exceeded. */
  ServerStatistics statistics() {
    return StatisticsReport.of(bounds, connections, calls.size());
  }

  /** The calls under way. */
  Set<ServedCall> calls() {
    return calls;
  }

  /** A server that will listen at {@code path}. */
  Server at(Path path) {
    return loops
        .serverAt(path, acceptHandlers)
        .directExecutor()
        .addTransportFilter(connections.filter())
        .addStreamTracerFactory(RequestMeter.FACTORY)
        .fallbackHandlerRegistry(new ServedRpcs(versions, this::serve))
        .maxInboundMessageSize(limits.maxRequestBytes())
        .maxInboundMetadataSize(MAX_HEADER_BYTES)
        .maxConcurrentCallsPerConnection(limits.callsPerConnection())
        .maxRstFramesPerWindow(limits.resets(), (int) limits.resetWindow().toSeconds())
        .handshakeTimeout(limits.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .maxConnectionIdle(limits.idleTimeout().toMillis(), TimeUnit.MILLISECONDS)
        .flowControlWindow(WINDOW_BYTES)
        // Clients of the socket are trusted to send pings.
        .permitKeepAliveTime(1, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .build();
  }

  private ServerCall.Listener<ByteString> serve(
      CriMethod method, ServerCall<ByteString, ByteString> call, Metadata headers) {
    ServedCall served =
        new ServedCall(call, method, backend, Headers.fromGrpc(headers), bounds, calls::remove);
    calls.add(served);
    served.open();
    return served;
  }
}
