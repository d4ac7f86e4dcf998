package io.crirouter.grpc;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Filters what gRPC and Netty log through {@code java.util.logging}. They log, for example, a line
 * with a stack trace for each call that a client cancels while its answer is sent. The filter
 * limits the rate. Below INFO they log each frame in hexadecimal digits, which contains credentials
 * and the environment of containers. The filter drops all records below INFO.
 */
final class GrpcLogFilter implements Filter {
  private static final String SHADED = "io.grpc.netty.shaded.";

  private static final List<String> NAMES =
      List.of(
          SHADED + "io.grpc.netty.NettyServerHandler",
          SHADED + "io.grpc.netty.NettyServerStream",
          SHADED + "io.grpc.netty.NettyServerTransport",
          SHADED + "io.grpc.netty.NettyServerTransport.connections",
          SHADED + "io.grpc.netty.NettyClientHandler",
          SHADED + "io.grpc.netty.NettyClientStream",
          SHADED + "io.grpc.netty.NettyClientTransport",
          SHADED + "io.grpc.netty.WriteBufferingAndExceptionHandler",
          SHADED + "io.netty.channel.DefaultChannelPipeline",
          SHADED + "io.netty.channel.ChannelInitializer",
          SHADED + "io.netty.handler.codec.http2.Http2ConnectionHandler",
          SHADED + "io.netty.util.concurrent.DefaultPromise",
          "io.grpc.internal.SerializingExecutor",
          "io.grpc.internal.SerializeReentrantCallsDirectExecutor",
          "io.grpc.internal.ServerCallImpl",
          "io.grpc.internal.ServerImpl");

  /** Strong references: the log manager drops a logger without any, and its filter. */
  private static final Map<String, Logger> FILTERED = new ConcurrentHashMap<>();

  private final @Nullable Filter next;
  private final LogRate rate = new LogRate(System::nanoTime);

  private GrpcLogFilter(@Nullable Filter next) {
    this.next = next;
  }

  /** Adds the filter to the loggers. Idempotent. */
  static void install() {
    NAMES.forEach(name -> FILTERED.computeIfAbsent(name, GrpcLogFilter::install));
  }

  private static Logger install(String name) {
    Logger logger = Logger.getLogger(name);
    logger.setFilter(new GrpcLogFilter(logger.getFilter()));
    return logger;
  }

  @Override
  public boolean isLoggable(LogRecord entry) {
    if (entry.getLevel().intValue() < Level.INFO.intValue()) {
      return false;
    }
    if (next != null && !next.isLoggable(entry)) {
      return false;
    }
    long suppressed = rate.tryAcquire();
    if (suppressed < 0) {
      return false;
    }
    entry.setMessage(LogText.clean(String.valueOf(entry.getMessage())) + LogRate.note(suppressed));
    Throwable failure = entry.getThrown();
    if (failure != null) {
      entry.setThrown(LogText.clean(failure));
    }
    return true;
  }
}
