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
 * What the channel to a runtime is like.
 *
 * @param maxResponseBytes the size of one response message
 * @param maxHeaderBytes the size of the headers, and of the trailers
 * @param userAgent what the runtime is told about its client
 * @param keepAlive how often a connection is checked; empty for never
 * @param interceptors see each call on its way out, in this order
 * @param more is applied last
 */
record ChannelOptions(
    int maxResponseBytes,
    int maxHeaderBytes,
    String userAgent,
    Optional<KeepAlive> keepAlive,
    List<ClientInterceptor> interceptors,
    Consumer<ManagedChannelBuilder<?>> more) {
  /** Per stream: what a runtime may send ahead of a slow reader besides one message. */
  private static final int WINDOW_BYTES = 1 << 20;

  /** Long enough for gRPC to take it as "never". */
  private static final long NEVER_DAYS = 365;

  /**
   * How a connection is checked.
   *
   * @param interval how long it must be silent before it is checked
   * @param limit how long the runtime has to answer
   */
  record KeepAlive(Duration interval, Duration limit) {}

  /** Copies the list. */
  ChannelOptions {
    interceptors = List.copyOf(interceptors);
  }

  NettyChannelBuilder configure(NettyChannelBuilder builder) {
    builder
        // gRPC would send the socket's path, which some servers reject.
        .overrideAuthority("localhost")
        .directExecutor()
        .disableRetry()
        .idleTimeout(NEVER_DAYS, TimeUnit.DAYS)
        .maxInboundMessageSize(maxResponseBytes)
        .maxInboundMetadataSize(maxHeaderBytes)
        .flowControlWindow(WINDOW_BYTES)
        .userAgent(userAgent);
    // gRPC calls the interceptor that was added last first.
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
