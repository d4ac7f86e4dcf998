package io.crirouter.examples.bench.load;

import io.crirouter.examples.bench.Sockets;
import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.bootstrap.ServerBootstrap;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Settings;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The minimal proxy on Netty. It forwards the HTTP/2 frames of each stream to one socket and back,
 * on one thread, without messages and flow control. It shows the cost without gRPC-Java.
 */
public final class FramePassThrough {
  private FramePassThrough() {}

  /**
   * Serves until the process is ended.
   *
   * @param args the socket to serve, and the socket of the runtime
   */
  public static void main(String[] args) throws InterruptedException {
    EventLoopGroup loop = Sockets.newLoop();
    Side runtime = new SideBuilder(null).build();
    ChannelFuture unusedClient =
        new Bootstrap()
            .group(loop)
            .channel(EpollDomainSocketChannel.class)
            .handler(runtime)
            .connect(new DomainSocketAddress(args[1]))
            .sync();
    ChannelFuture serving =
        new ServerBootstrap()
            .group(loop)
            .channel(EpollServerDomainSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel client) {
                    client.pipeline().addLast(new SideBuilder(runtime).build());
                  }
                })
            .bind(new DomainSocketAddress(args[0]))
            .sync();
    ChannelFuture unusedEnd = serving.channel().closeFuture().sync();
  }

  /** A stream of a connection. */
  private record Stream(Side side, int id) {}

  /** One connection, and the peer of each of its streams. */
  private static final class Side extends Http2ConnectionHandler {
    private final Map<Integer, Stream> peers = new HashMap<>();
    private final Set<Side> unflushed = new LinkedHashSet<>();
    private final @Nullable Side runtime;
    private @Nullable ChannelHandlerContext context;

    Side(
        Http2ConnectionDecoder decoder,
        Http2ConnectionEncoder encoder,
        Http2Settings settings,
        @Nullable Side runtime) {
      super(decoder, encoder, settings);
      this.runtime = runtime;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) throws Exception {
      context = added;
      super.handlerAdded(added);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext reading) throws Exception {
      super.channelReadComplete(reading);
      unflushed.forEach(side -> side.flush(side.context()));
      unflushed.clear();
    }

    private ChannelHandlerContext context() {
      ChannelHandlerContext known = context;
      if (known == null) {
        throw new IllegalStateException("a frame before the connection");
      }
      return known;
    }

    /** The peer of a stream. The first headers of a client open a stream to the runtime. */
    private @Nullable Stream peer(int id) {
      Stream known = peers.get(id);
      if (known == null && runtime != null) {
        known = new Stream(runtime, runtime.connection().local().incrementAndGetNextStreamId());
        peers.put(id, known);
        runtime.peers.put(known.id, new Stream(this, id));
      }
      return known;
    }

    private void headers(int id, Http2Headers headers, boolean last) {
      Stream to = peer(id);
      if (to == null) {
        return;
      }
      ChannelHandlerContext out = to.side.context();
      ChannelFuture unused =
          to.side.encoder().writeHeaders(out, to.id, headers, 0, last, out.newPromise());
      unflushed.add(to.side);
      if (runtime == null && last) {
        peers.remove(id);
        to.side.peers.remove(to.id);
      }
    }

    private void data(int id, ByteBuf data, boolean last) {
      Stream to = peers.get(id);
      if (to != null) {
        ChannelHandlerContext out = to.side.context();
        ChannelFuture unused =
            to.side.encoder().writeData(out, to.id, data.retain(), 0, last, out.newPromise());
        unflushed.add(to.side);
      }
    }

    private void reset(int id, long errorCode) {
      Stream to = peers.remove(id);
      if (to != null) {
        to.side.peers.remove(to.id);
        ChannelHandlerContext out = to.side.context();
        ChannelFuture unused =
            to.side.encoder().writeRstStream(out, to.id, errorCode, out.newPromise());
        unflushed.add(to.side);
      }
    }
  }

  /** Builds a side. That of a client has a reference to that of the runtime. */
  private static final class SideBuilder
      extends AbstractHttp2ConnectionHandlerBuilder<Side, SideBuilder> {
    private final Frames frames = new Frames();
    private final @Nullable Side runtime;

    SideBuilder(@Nullable Side runtime) {
      this.runtime = runtime;
      server(runtime != null);
      validateHeaders(false);
      gracefulShutdownTimeoutMillis(0);
      Http2Settings settings =
          Http2Settings.defaultSettings().initialWindowSize(Sockets.WINDOW_BYTES);
      if (runtime == null) {
        settings.pushEnabled(false);
      }
      initialSettings(settings);
      frameListener(frames);
    }

    @Override
    protected Side build() {
      return super.build();
    }

    @Override
    protected Side build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
      Side side = new Side(decoder, encoder, settings, runtime);
      frames.side = side;
      return side;
    }
  }

  /** Passes the frames of a connection to its side. */
  private static final class Frames extends Http2FrameAdapter {
    private @Nullable Side side;

    private Side side() {
      Side known = side;
      if (known == null) {
        throw new IllegalStateException("a frame before the side is built");
      }
      return known;
    }

    /** Enlarges the window of the connection, which settings do not cover. */
    @Override
    public void onSettingsRead(ChannelHandlerContext in, Http2Settings settings)
        throws Http2Exception {
      var connection = side().connection();
      var flow = connection.local().flowController();
      int missing = Sockets.WINDOW_BYTES - flow.windowSize(connection.connectionStream());
      flow.incrementWindowSize(connection.connectionStream(), Math.max(missing, 0));
      side().flush(in);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext in,
        int id,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean last) {
      side().headers(id, headers, last);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext in, int id, Http2Headers headers, int padding, boolean last) {
      side().headers(id, headers, last);
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext in, int id, ByteBuf data, int padding, boolean last) {
      int taken = data.readableBytes() + padding;
      side().data(id, data, last);
      return taken;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext in, int id, long errorCode) {
      side().reset(id, errorCode);
    }
  }
}
