package io.crirouter.grpc;

import io.crirouter.core.CriMethod;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * One connection to a runtime, or the attempt to make one, and the calls on it. When it is retired
 * it takes no more calls, and its socket is closed as soon as the last one has ended: left to gRPC,
 * the socket would stay open after a GOAWAY for as long as the runtime pleases.
 *
 * <p>Thread-safe.
 */
final class Link {
  /** What a connection that is to end has for saying so. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

  private final EventLoops loops;
  private final ManagedChannel channel;
  private final Set<Channel> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean opened;
  private volatile boolean useful;
  private volatile long connectedAt;
  private int calls;
  private boolean retired;

  /**
   * A link that connects with its first call.
   *
   * @param options completes the builder of the channel
   */
  Link(EventLoops loops, NettyChannelBuilder builder, UnaryOperator<NettyChannelBuilder> options) {
    this.loops = loops;
    this.channel = options.apply(builder.channelFactory(this::newSocket)).build();
  }

  private Channel newSocket() {
    Channel socket = new EpollDomainSocketChannel();
    sockets.add(socket);
    // It is the very future that is listened to.
    var unused = socket.closeFuture().addListener(closed -> sockets.remove(socket));
    socket
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelActive(ChannelHandlerContext context) {
                opened = true;
                context.fireChannelActive();
              }
            });
    return socket;
  }

  ManagedChannel channel() {
    return channel;
  }

  ConnectivityState state() {
    return channel.getState(false);
  }

  boolean isConnected() {
    return state() == ConnectivityState.READY;
  }

  /** Whether somebody took the connection, though perhaps nobody who speaks gRPC. */
  boolean wasOpened() {
    return opened;
  }

  void connected() {
    connectedAt = loops.scheduler().nanoTime();
  }

  /** How long ago it was connected. */
  Duration age() {
    return Duration.ofNanos(loops.scheduler().nanoTime() - connectedAt);
  }

  /** A call was answered, at least in part. */
  void answered(CriMethod method) {
    if (!useful && !method.equals(VersionGate.VERSION)) {
      useful = true;
    }
  }

  /** Whether a call other than Version was answered. */
  boolean isUseful() {
    return useful;
  }

  synchronized boolean hasCalls() {
    return calls > 0;
  }

  /** One more call, to be made now, and to {@link #leave} when it has ended; false if retired. */
  synchronized boolean enter() {
    if (!retired) {
      calls++;
    }
    return !retired;
  }

  /** A call has ended. */
  void leave() {
    boolean last;
    synchronized (this) {
      calls--;
      last = retired && calls == 0;
    }
    if (last) {
      end();
    }
  }

  /** Takes no more calls, and ends with the last one. */
  void retire() {
    boolean idle;
    synchronized (this) {
      retired = true;
      idle = calls == 0;
    }
    if (idle) {
      end();
    }
  }

  /** Ends the connection with all its calls. */
  void end() {
    channel.shutdownNow();
    if (!sockets.isEmpty()) {
      // A peer that does not read would hold up gRPC's own farewell for ever.
      loops.after(CLOSE_LIMIT, () -> sockets.forEach(Link::cut));
    }
  }

  private static void cut(Channel socket) {
    socket.eventLoop().execute(() -> socket.unsafe().close(socket.unsafe().voidPromise()));
  }

  boolean isOver() {
    return channel.isTerminated() && sockets.isEmpty();
  }

  void awaitEnd(Duration limit) {
    try {
      channel.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "Link(" + state() + ")";
  }
}
