package io.crirouter.grpc;

import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Options of the gRPC channels to a runtime.
 *
 * @param maxResponseBytes the limit on one response message
 * @param maxHeaderBytes the limit on the headers, and on the trailers
 * @param userAgent the user agent that the runtime sees
 * @param keepAlive how a silent connection is checked; empty for not at all
 * @param interceptors intercept each call, in this order
 * @param more further options, applied last
 */
record ChannelOptions(
    int maxResponseBytes,
    int maxHeaderBytes,
    String userAgent,
    Optional<KeepAlive> keepAlive,
    List<ClientInterceptor> interceptors,
    Consumer<ManagedChannelBuilder<?>> more) {
  /** The flow control window of a stream: bytes that a runtime may send before they are read. */
  private static final int WINDOW_BYTES = 1 << 20;

  /** gRPC takes this as "never". */
  private static final long NEVER_DAYS = 365;

  /**
   * How a connection is checked.
   *
   * @param interval the silence after which it is checked
   * @param limit how long the runtime has to answer
   */
  record KeepAlive(Duration interval, Duration limit) {}

  ChannelOptions {
    interceptors = List.copyOf(interceptors);
  }

  NettyChannelBuilder configure(NettyChannelBuilder builder) {
    builder
        // The default is the socket's path, which some servers reject.
        .overrideAuthority("localhost")
        .directExecutor()
        .disableRetry()
        .idleTimeout(NEVER_DAYS, TimeUnit.DAYS)
        .maxInboundMessageSize(maxResponseBytes)
        .maxInboundMetadataSize(maxHeaderBytes)
        .flowControlWindow(WINDOW_BYTES)
        .userAgent(userAgent);
    // gRPC calls the interceptor that was added last before the others.
    for (int i = interceptors.size() - 1; i >= 0; i--) {
      builder.intercept(interceptors.get(i));
    }
    keepAlive.ifPresent(
        check ->
            builder
                .keepAliveTime(check.interval().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(check.limit().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveWithoutCalls(true));
    more.accept(builder);
    return builder;
  }
}
