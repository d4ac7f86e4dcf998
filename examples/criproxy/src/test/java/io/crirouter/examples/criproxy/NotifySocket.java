package io.crirouter.examples.criproxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.SimpleChannelInboundHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainDatagramPacket;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A fake notify socket of systemd. */
final class NotifySocket implements AutoCloseable {
  private static final long LIMIT_SECONDS = 20;

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();

  NotifySocket(Path path) throws InterruptedException {
    Object unused =
        new Bootstrap()
            .group(loop)
            .channel(EpollDomainDatagramChannel.class)
            .handler(
                new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                  @Override
                  protected void channelRead0(
                      ChannelHandlerContext context, DomainDatagramPacket packet) {
                    messages.add(packet.content().toString(UTF_8));
                  }
                })
            .bind(new DomainSocketAddress(path.toString()))
            .sync();
  }

  /** Waits for the next message that begins with {@code start}; drops those before. */
  String next(String start) throws InterruptedException {
    while (true) {
      String message = messages.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError("no message " + start);
      }
      if (message.startsWith(start)) {
        return message;
      }
    }
  }

  @Override
  public void close() {
    Object unused = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }
}
