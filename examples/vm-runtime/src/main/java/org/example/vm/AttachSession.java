package org.example.vm;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrame;
import io.netty.handler.codec.spdy.SpdyGoAwayFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A client of a console. A header of each SPDY stream has its type: stdin, stdout, and error, which
 * gets a status at the end; other streams are not used. A client that reads too slowly, or sends
 * more input than the guest reads, is disconnected.
 */
final class AttachSession extends SimpleChannelInboundHandler<SpdyFrame> {
  private static final String TYPE = "streamtype";

  /** Kubelets open five at most. */
  private static final int MAX_STREAMS = 8;

  private static final int MAX_QUEUED_INPUTS = 64;
  private static final String SUCCESS = "{\"metadata\":{},\"status\":\"Success\"}";

  private final Console console;
  private final Map<String, Integer> streams = new HashMap<>();

  /** Writes input, which blocks while the guest does not read. The event loop must not block. */
  private final ThreadPoolExecutor typing =
      new ThreadPoolExecutor(
          0,
          1,
          1,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MAX_QUEUED_INPUTS),
          task -> {
            Thread thread = new Thread(task, "vm-runtime-typing");
            thread.setDaemon(true);
            return thread;
          });

  private Runnable stop = () -> {};

  AttachSession(Console console) {
    this.console = console;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, SpdyFrame frame) {
    if (frame instanceof SpdySynStreamFrame stream) {
      open(context, stream);
    } else if (frame instanceof SpdyDataFrame data && isStdin(data)) {
      type(context, ByteBufUtil.getBytes(data.content()));
    } else if (frame instanceof SpdyPingFrame ping) {
      context.writeAndFlush(ping);
    } else if (frame instanceof SpdyGoAwayFrame) {
      context.close();
    }
  }

  private void open(ChannelHandlerContext context, SpdySynStreamFrame stream) {
    String type = String.valueOf(stream.headers().get(TYPE));
    if (streams.size() == MAX_STREAMS) {
      context.close();
      return;
    }
    streams.put(type, stream.streamId());
    SpdySynReplyFrame reply = new DefaultSpdySynReplyFrame(stream.streamId());
    // A header is needed: Netty omits an empty block, and Go clients then close the connection.
    reply.headers().set(TYPE, type);
    context.writeAndFlush(reply);
    if (type.equals("stdout")) {
      stop.run();
      stop =
          console.listen(
              printed -> context.executor().execute(() -> print(context, printed)),
              () -> context.executor().execute(() -> end(context)));
    }
  }

  private boolean isStdin(SpdyDataFrame data) {
    return Integer.valueOf(data.streamId()).equals(streams.get("stdin"));
  }

  private void type(ChannelHandlerContext context, byte[] typed) {
    try {
      typing.execute(
          () -> {
            try {
              console.type(typed);
            } catch (IOException e) {
              context.close(); // The machine has ended.
            }
          });
    } catch (RejectedExecutionException e) {
      context.close();
    }
  }

  private void print(ChannelHandlerContext context, byte[] printed) {
    if (context.channel().isWritable()) {
      int stdout = streams.get("stdout");
      context.writeAndFlush(new DefaultSpdyDataFrame(stdout, Unpooled.wrappedBuffer(printed)));
    } else {
      context.close();
    }
  }

  /** Ends the streams after the end of the machine. */
  private void end(ChannelHandlerContext context) {
    streams.forEach(
        (type, id) -> {
          byte[] text = (type.equals("error") ? SUCCESS : "").getBytes(StandardCharsets.UTF_8);
          SpdyDataFrame last = new DefaultSpdyDataFrame(id, Unpooled.wrappedBuffer(text));
          context.write(last.setLast(true));
        });
    context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    stop.run();
    typing.shutdownNow();
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
