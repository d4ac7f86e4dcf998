package io.crirouter.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.grpc.Budget.Share;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListener;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Settings;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** A client's connection to the server, with what the limits need. Thread-safe. */
final class ServedConnection {
  private final Channel channel;
  private final Share requests = new Share();
  private final Share answers = new Share();
  private volatile long maxHeaderListBytes = HeaderListLimit.UNANNOUNCED_BYTES;
  private final AtomicBoolean closing = new AtomicBoolean();
  private int calls;
  private boolean everCalled;
  private long idleSince;

  ServedConnection(Channel channel, long now) {
    this.channel = channel;
    this.idleSince = now;
  }

  /** The bytes of the requests of its calls. */
  Share requests() {
    return requests;
  }

  /** The bytes of the answers that its client has not read. */
  Share answers() {
    return answers;
  }

  /** The largest header list that its client accepts, in bytes. */
  long maxHeaderListBytes() {
    return maxHeaderListBytes;
  }

  /**
   * Reads {@code SETTINGS_MAX_HEADER_LIST_SIZE} of the client, which Netty does not keep. Called
   * when the connection is accepted.
   */
  void listenToSettings() {
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext context, Object bytes) {
                context.pipeline().remove(this);
                addSettingsListener();
                context.fireChannelRead(bytes);
              }
            });
  }

  /** Called with the first bytes: gRPC has added its handler by then. */
  private void addSettingsListener() {
    Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
    if (http2 != null) {
      http2.decoder().frameListener(new SettingsListener(http2.decoder().frameListener()));
    }
  }

  private final class SettingsListener extends Http2FrameListenerDecorator {
    SettingsListener(Http2FrameListener listener) {
      super(listener);
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings)
        throws Http2Exception {
      Long announced = settings.maxHeaderListSize();
      if (announced != null) {
        maxHeaderListBytes = announced;
      }
      super.onSettingsRead(context, settings);
    }
  }

  synchronized void callStarted() {
    calls++;
    everCalled = true;
  }

  synchronized void callEnded(long now) {
    calls--;
    idleSince = now;
  }

  synchronized boolean isIdle() {
    return calls == 0;
  }

  /** Whether there has been a call. */
  synchronized boolean everCalled() {
    return everCalled;
  }

  synchronized long idleSince() {
    return idleSince;
  }

  /** Runs {@code task} on the connection's event loop after {@code delay}. */
  void after(Duration delay, Runnable task) {
    if (delay.isZero()) {
      channel.eventLoop().execute(task);
    } else {
      var unused = channel.eventLoop().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /**
   * Ends the connection with all its calls, even if the client does not read. Returns false if it
   * was closed before.
   */
  boolean close(String reason) {
    if (!closing.compareAndSet(false, true)) {
      return false;
    }
    channel.eventLoop().execute(() -> closeNow(reason));
    return true;
  }

  private void closeNow(String reason) {
    Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
    if (http2 != null) {
      ChannelHandlerContext context = channel.pipeline().context(http2);
      var unused =
          http2.goAway(
              context,
              http2.connection().remote().lastStreamCreated(),
              Http2Error.ENHANCE_YOUR_CALM.code(),
              Unpooled.copiedBuffer(reason, UTF_8),
              context.newPromise());
      context.flush();
    }
    // The handlers would wait until all is written, and the client may not read.
    channel.unsafe().close(channel.unsafe().voidPromise());
  }

  @Override
  public String toString() {
    return "ServedConnection(" + channel + ")";
  }
}
