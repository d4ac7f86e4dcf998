package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
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
 * A gRPC channel that is used for one connection to a runtime, and the calls on it. A retired
 * channel takes no more calls. Its socket is closed when the last call has ended: gRPC would keep
 * the socket open after a GOAWAY until the runtime closes it.
 *
 * <p>Thread-safe.
 */
final class RuntimeChannel {
  /** How long gRPC has to close the connection in an orderly way. */
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

  private final EventLoops loops;
  private final ManagedChannel grpcChannel;
  private final Set<Channel> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean accepted;
  private volatile boolean useful;
  private volatile long connectedAt;
  private int calls;
  private boolean retired;

  /**
   * A channel that connects with its first call.
   *
   * @param options completes the builder of the channel
   */
  RuntimeChannel(
      EventLoops loops, NettyChannelBuilder builder, UnaryOperator<NettyChannelBuilder> options) {
    this.loops = loops;
    this.grpcChannel = options.apply(builder.channelFactory(this::newSocket)).build();
  }

  private Channel newSocket() {
    Channel socket = new EpollDomainSocketChannel();
    sockets.add(socket);
    var unused = socket.closeFuture().addListener(closed -> sockets.remove(socket));
    socket
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelActive(ChannelHandlerContext context) {
                accepted = true;
                context.fireChannelActive();
              }
            });
    return socket;
  }

  ClientCall<ByteString, ByteString> newCall(
      MethodDescriptor<ByteString, ByteString> method, CallOptions options) {
    return grpcChannel.newCall(method, options);
  }

  ConnectivityState state() {
    return grpcChannel.getState(false);
  }

  /** Calls {@code listener} once, when the state is no longer {@code current}. */
  void onStateChange(ConnectivityState current, Runnable listener) {
    grpcChannel.notifyWhenStateChanged(current, listener);
  }

  /** Starts to connect without a call. */
  void connect() {
    grpcChannel.getState(true);
  }

  boolean isConnected() {
    return state() == ConnectivityState.READY;
  }

  /** Whether a server accepted the connection, even one that does not speak gRPC. */
  boolean wasAccepted() {
    return accepted;
  }

  /** Called when the state becomes READY. */
  void connected() {
    connectedAt = loops.scheduler().nanoTime();
  }

  /** The time since it connected. */
  Duration age() {
    return Duration.ofNanos(loops.scheduler().nanoTime() - connectedAt);
  }

  /** Called when the runtime has answered a call, at least in part. */
  void answered(CriMethod method) {
    if (!useful && !method.equals(VersionGate.VERSION)) {
      useful = true;
    }
  }

  /** Whether the runtime has answered a call other than Version. */
  boolean isUseful() {
    return useful;
  }

  synchronized boolean hasCalls() {
    return calls > 0;
  }

  /** Counts a call, until {@link #endCall}. Returns false if the channel is retired. */
  synchronized boolean startCall() {
    if (!retired) {
      calls++;
    }
    return !retired;
  }

  void endCall() {
    boolean last;
    synchronized (this) {
      calls--;
      last = retired && calls == 0;
    }
    if (last) {
      shutdownNow();
    }
  }

  /** Takes no more calls. The connection is closed when the last one has ended. */
  void retire() {
    boolean idle;
    synchronized (this) {
      retired = true;
      idle = calls == 0;
    }
    if (idle) {
      shutdownNow();
    }
  }

  /** Ends all calls and closes the connection. */
  void shutdownNow() {
    grpcChannel.shutdownNow();
    if (!sockets.isEmpty()) {
      // gRPC waits until its last frames are written. A peer may never read them.
      loops.after(CLOSE_LIMIT, () -> sockets.forEach(RuntimeChannel::closeNow));
    }
  }

  private static void closeNow(Channel socket) {
    socket.eventLoop().execute(() -> socket.unsafe().close(socket.unsafe().voidPromise()));
  }

  boolean isTerminated() {
    return grpcChannel.isTerminated() && sockets.isEmpty();
  }

  void awaitTermination(Duration limit) {
    try {
      grpcChannel.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "RuntimeChannel(" + state() + ")";
  }
}
