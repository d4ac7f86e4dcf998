package org.example.vm;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Serves consoles at the URLs that Attach returns, on loopback. A URL is valid for one connection
 * and one minute. Thread-safe.
 */
final class AttachServer implements AutoCloseable {
  private static final Duration URL_LIFE = Duration.ofMinutes(1);
  private static final int MAX_URLS = 1000;
  private static final int TOKEN_BYTES = 16;
  private static final int REQUEST_BYTES = 16 << 10;
  private static final int REQUEST_SECONDS = 10;
  private static final int UNREAD_BYTES = 1 << 20;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final EventLoopGroup loop;
  private final Channel channel;
  private final Map<String, Ticket> tickets = new LinkedHashMap<>();

  private record Ticket(VmContainer container, long deadline) {}

  AttachServer(ThreadFactory threads) throws IOException {
    loop = new NioEventLoopGroup(1, threads);
    channel =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .childOption(
                ChannelOption.WRITE_BUFFER_WATER_MARK,
                new WriteBufferWaterMark(UNREAD_BYTES / 2, UNREAD_BYTES))
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel connection) {
                    accept(connection);
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
  }

  private void accept(SocketChannel connection) {
    connection
        .pipeline()
        .addLast(new ReadTimeoutHandler(REQUEST_SECONDS))
        .addLast(new HttpServerCodec())
        .addLast(new HttpObjectAggregator(REQUEST_BYTES))
        .addLast(new AttachHandshake(this::redeem));
  }

  /** Creates a URL for one connection to the console of a container. */
  String url(VmContainer container) {
    byte[] random = new byte[TOKEN_BYTES];
    RANDOM.nextBytes(random);
    String token = HexFormat.of().formatHex(random);
    long now = System.nanoTime();
    synchronized (tickets) {
      Iterator<Ticket> oldest = tickets.values().iterator();
      while (oldest.hasNext()
          && (oldest.next().deadline() - now < 0 || tickets.size() >= MAX_URLS)) {
        oldest.remove();
      }
      tickets.put(token, new Ticket(container, now + URL_LIFE.toNanos()));
    }
    InetSocketAddress address = (InetSocketAddress) channel.localAddress();
    return "http://127.0.0.1:" + address.getPort() + "/attach/" + token;
  }

  private Optional<VmContainer> redeem(String path) {
    Ticket ticket;
    synchronized (tickets) {
      ticket = tickets.remove(path.replaceFirst("^/attach/", ""));
    }
    return Optional.ofNullable(ticket)
        .filter(valid -> valid.deadline() - System.nanoTime() > 0)
        .map(Ticket::container);
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
