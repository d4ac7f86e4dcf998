package io.crirouter.grpc;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.Cancellable;
import io.crirouter.core.Scheduler;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import io.grpc.netty.shaded.io.netty.util.concurrent.FastThreadLocalThread;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The threads for I/O: one or a few daemon threads named {@code cri-router-io-N}, which servers and
 * backends share. No code may block them.
 *
 * <p>The threads end when this object and all servers and backends that use it are closed, in any
 * order. Servers and backends without event loops of their own share one common object.
 */
public final class EventLoops implements AutoCloseable {
  /**
   * Enough for a node: kubelets make few calls, and most of the time is spent in runtimes. With one
   * thread no call waits for another thread to wake up.
   */
  private static final int DEFAULT_THREADS = 1;

  private static final Duration SHUTDOWN_LIMIT = Duration.ofSeconds(2);

  private static @Nullable EventLoops shared;

  private final int threads;
  private final EventLoopGroup group;
  private final Scheduler scheduler;
  private final AtomicBoolean closed = new AtomicBoolean();
  private int holders = 1;

  private EventLoops(int threads) {
    GrpcLogFilter.install();
    this.threads = threads;
    group = new MultiThreadIoEventLoopGroup(threads, new IoThreads(), EpollIoHandler.newFactory());
    scheduler = Scheduler.of(group);
  }

  /**
   * Event loops with one thread.
   *
   * @throws UnsupportedOperationException if this is not Linux on x86_64 or aarch64
   */
  public static EventLoops create() {
    return create(DEFAULT_THREADS);
  }

  /**
   * Event loops with {@code threads} threads.
   *
   * @throws UnsupportedOperationException if this is not Linux on x86_64 or aarch64
   */
  public static EventLoops create(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, not " + threads);
    }
    if (!Epoll.isAvailable()) {
      throw new UnsupportedOperationException(
          "cri-router needs Linux on x86_64 or aarch64 with glibc: the epoll library cannot be"
              + " loaded",
          Epoll.unavailabilityCause());
    }
    return new EventLoops(threads);
  }

  /** The common event loops, for callers without their own. To be released after use. */
  static EventLoops holdShared() {
    synchronized (EventLoops.class) {
      if (shared == null) {
        shared = create();
      } else {
        shared.hold();
      }
      return shared;
    }
  }

  /** A scheduler that runs its tasks on these event loops. The tasks must not block. */
  public Scheduler scheduler() {
    return scheduler;
  }

  /** Adds a user of these threads, until {@link #release}. */
  @CanIgnoreReturnValue
  EventLoops hold() {
    synchronized (EventLoops.class) {
      if (holders == 0) {
        throw new IllegalStateException("these event loops are closed");
      }
      holders++;
      return this;
    }
  }

  /** Removes a user. The threads end in the background after the last one. */
  void release() {
    synchronized (EventLoops.class) {
      holders--;
      if (holders > 0) {
        return;
      }
      if (shared == this) {
        shared = null;
      }
    }
    var unused = group.shutdownGracefully(0, SHUTDOWN_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Ends the threads when all servers and backends that use them are closed too. Does not wait.
   * Idempotent.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release();
    }
  }

  /** Whether the current thread is one of these, which must not wait. */
  boolean inEventLoop() {
    for (EventExecutor loop : group) {
      if (loop.inEventLoop()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Runs {@code task} after {@code delay}, or never if the threads have ended by then.
   *
   * @return the handle that cancels the task
   */
  @CanIgnoreReturnValue
  Cancellable after(Duration delay, Runnable task) {
    try {
      return scheduler.schedule(delay, task);
    } catch (RejectedExecutionException e) {
      return () -> {};
    }
  }

  /** A server that will listen at {@code socket}. */
  NettyServerBuilder serverAt(Path socket) {
    return NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toString()))
        .channelType(EpollServerDomainSocketChannel.class)
        .bossEventLoopGroup(group)
        .workerEventLoopGroup(group)
        // gRPC sets this TCP option, and Netty logs a warning about it for each connection.
        .withChildOption(ChannelOption.SO_KEEPALIVE, null);
  }

  /** A server that will listen at {@code socket}; the handlers get each accepted connection. */
  NettyServerBuilder serverAt(Path socket, List<ChannelHandler> acceptHandlers) {
    return serverAt(socket)
        .channelFactory(
            () -> {
              ServerChannel listener = new EpollServerDomainSocketChannel();
              acceptHandlers.forEach(listener.pipeline()::addLast);
              return listener;
            });
  }

  /** A channel to the server at {@code socket}. */
  NettyChannelBuilder channelTo(Path socket) {
    return NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString()))
        .channelType(EpollDomainSocketChannel.class)
        .eventLoopGroup(group)
        .usePlaintext()
        .withOption(ChannelOption.SO_KEEPALIVE, null);
  }

  @Override
  public String toString() {
    return "EventLoops(" + threads + (threads == 1 ? " thread)" : " threads)");
  }

  private static final class IoThreads implements ThreadFactory {
    private static final AtomicInteger COUNT = new AtomicInteger();

    @Override
    public Thread newThread(Runnable task) {
      Thread thread = new FastThreadLocalThread(task, "cri-router-io-" + COUNT.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    }
  }
}
