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
 * Tames what gRPC and Netty log by themselves through {@code java.util.logging}: a line, with a
 * stack trace, for each call that a client breaks off in the midst of its answer, for instance; and
 * at the finer levels every frame in hexadecimal digits, with the credentials and the environment
 * of containers in it. The lines are limited, and frames are never logged.
 */
final class GrpcLogs implements Filter {
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

  /** Held, since the log manager would forget a logger that nobody holds, with its filter. */
  private static final Map<String, Logger> TAMED = new ConcurrentHashMap<>();

  private final @Nullable Filter next;
  private final LogRate rate = new LogRate(System::nanoTime);

  private GrpcLogs(@Nullable Filter next) {
    this.next = next;
  }

  /** Does so from now on. Idempotent. */
  static void tame() {
    NAMES.forEach(name -> TAMED.computeIfAbsent(name, GrpcLogs::tame));
  }

  private static Logger tame(String name) {
    Logger logger = Logger.getLogger(name);
    logger.setFilter(new GrpcLogs(logger.getFilter()));
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
    long leftOut = rate.tryAcquire();
    if (leftOut < 0) {
      return false;
    }
    entry.setMessage(LogText.clean(String.valueOf(entry.getMessage())) + LogRate.note(leftOut));
    Throwable failure = entry.getThrown();
    if (failure != null) {
      entry.setThrown(LogText.clean(failure));
    }
    return true;
  }
}
