package org.example.junit5;

import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StatusRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;

/** Node software with a CRI client of its own, which depends on the socket only. */
final class NodeAgent implements AutoCloseable {
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final ManagedChannel channel;

  NodeAgent(Path socket) {
    channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .eventLoopGroup(loop)
            .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
  }

  /** The health of the runtime, or the error of its Status. */
  String health() {
    try {
      return RuntimeServiceGrpc.newBlockingStub(channel)
              .status(StatusRequest.getDefaultInstance())
              .getStatus()
              .getConditionsList()
              .stream()
              .allMatch(condition -> condition.getStatus())
          ? "healthy"
          : "unhealthy";
    } catch (StatusRuntimeException e) {
      return e.getMessage();
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    loop.shutdownGracefully();
  }
}
