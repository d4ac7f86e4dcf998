package org.example.vm;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.util.Optional;
import java.util.function.Function;

/** Handles the HTTP request with which a kubelet upgrades a connection to SPDY. */
final class AttachHandshake extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final String SPDY = "SPDY/3.1";
  private static final String PROTOCOL_HEADER = "X-Stream-Protocol-Version";

  /** The protocol of kubelets since Kubernetes 1.4, with a status at the end. */
  private static final String PROTOCOL = "v4.channel.k8s.io";

  private final Function<String, Optional<VmContainer>> containers;

  /**
   * @param containers returns the container of a path, once
   */
  AttachHandshake(Function<String, Optional<VmContainer>> containers) {
    this.containers = containers;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    if (!request.headers().containsValue(HttpHeaderNames.UPGRADE, SPDY, true)) {
      refuse(context, HttpResponseStatus.UPGRADE_REQUIRED);
    } else if (!request.headers().containsValue(PROTOCOL_HEADER, PROTOCOL, true)) {
      refuse(context, HttpResponseStatus.FORBIDDEN);
    } else {
      Optional<Console> console = containers.apply(request.uri()).flatMap(VmContainer::console);
      console.ifPresentOrElse(
          found -> upgrade(context, found), () -> refuse(context, HttpResponseStatus.NOT_FOUND));
    }
  }

  private static ChannelFuture answer(ChannelHandlerContext context, HttpResponseStatus status) {
    FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status);
    response.headers().set(HttpHeaderNames.CONNECTION, "Upgrade");
    response.headers().set(HttpHeaderNames.UPGRADE, SPDY);
    response.headers().set(PROTOCOL_HEADER, PROTOCOL);
    return context.writeAndFlush(response);
  }

  private static void refuse(ChannelHandlerContext context, HttpResponseStatus status) {
    answer(context, status).addListener(ChannelFutureListener.CLOSE);
  }

  private void upgrade(ChannelHandlerContext context, Console console) {
    answer(context, HttpResponseStatus.SWITCHING_PROTOCOLS);
    ChannelPipeline pipeline = context.pipeline();
    // No flow control handler: kubelets do not implement the flow control of SPDY.
    pipeline.addLast(new SpdyFrameCodec(SpdyVersion.SPDY_3_1), new AttachSession(console));
    pipeline.remove(ReadTimeoutHandler.class);
    pipeline.remove(HttpObjectAggregator.class);
    pipeline.remove(this);
    pipeline.remove(HttpServerCodec.class);
  }
}
