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
 * The threads that move bytes: one or a few daemon threads named {@code cri-router-io-N}, which
 * servers and backends share. Nothing may block them.
 *
 * <p>Every server and backend built on these event loops holds on to them, so that the threads end
 * when this object and all of those are closed, in whatever order. Servers and backends that are
 * given none share one set of event loops among them.
 */
public final class EventLoops implements AutoCloseable {
  /**
   * Enough for a node: the calls of a kubelet are few, and most of the time is a runtime's. With
   * one thread no call waits for another thread to wake up, on its way to the runtime or back.
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
    GrpcLogs.tame();
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

  /** The event loops of those who have none of their own; to be released after use. */
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

  /** A scheduler that runs its tasks on these event loops: they must not block. */
  public Scheduler scheduler() {
    return scheduler;
  }

  /** One more user of these threads. */
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

  /** One user less; the last one ends the threads, in the background. */
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
    // The future would only say that the threads are gone.
    var unused = group.shutdownGracefully(0, SHUTDOWN_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Ends the threads once every server and backend on them is closed too. Does not wait.
   * Idempotent.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      release();
    }
  }

  /** Whether the current thread is one of these, and so must not wait. */
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
   * @return cancels the task
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
        // gRPC sets this option for TCP's sake, and Netty warns about it on each connection.
        .withChildOption(ChannelOption.SO_KEEPALIVE, null);
  }

  /** A server that will listen at {@code socket} and shows {@code gatekeepers} what it accepts. */
  NettyServerBuilder serverAt(Path socket, List<ChannelHandler> gatekeepers) {
    return serverAt(socket)
        .channelFactory(
            () -> {
              ServerChannel listener = new EpollServerDomainSocketChannel();
              gatekeepers.forEach(listener.pipeline()::addLast);
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
