package org.example.vm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A client of Attach, with the protocol of a kubelet. */
final class AttachClient implements AutoCloseable {
  private static final int LIMIT_MILLIS = 20_000;
  private static final int ERROR = 1;
  private static final int STDIN = 3;
  private static final int STDOUT = 5;

  private final Socket socket;
  private final EmbeddedChannel codec =
      new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
  private final Map<Integer, StringBuilder> received = new HashMap<>();
  private final Set<Integer> answered = new HashSet<>();

  private AttachClient(Socket socket) {
    this.socket = socket;
  }

  static AttachClient connect(String url) throws IOException {
    Socket socket = new Socket("127.0.0.1", URI.create(url).getPort());
    socket.setSoTimeout(LIMIT_MILLIS);
    AttachClient client = new AttachClient(socket);
    String status = client.upgrade(URI.create(url).getPath());
    if (!status.startsWith("HTTP/1.1 101 ")) {
      socket.close();
      throw new IOException(status);
    }
    client.open(ERROR, "error");
    client.open(STDIN, "stdin");
    client.open(STDOUT, "stdout");
    return client;
  }

  private String upgrade(String path) throws IOException {
    String request =
        "POST "
            + path
            + " HTTP/1.1\r\nHost: node\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
            + "X-Stream-Protocol-Version: v4.channel.k8s.io\r\n"
            + "X-Stream-Protocol-Version: v3.channel.k8s.io\r\nContent-Length: 0\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(UTF_8));
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        break;
      }
      head.append((char) next);
    }
    return head.toString();
  }

  private void open(int id, String type) throws IOException {
    SpdySynStreamFrame stream = new DefaultSpdySynStreamFrame(id, 0, (byte) 0);
    stream.headers().set("streamtype", type);
    send(stream);
    while (!answered.contains(id)) {
      if (!read()) {
        throw new IOException("the connection has ended before the stream " + type + " began");
      }
    }
  }

  void type(String text) throws IOException {
    send(new DefaultSpdyDataFrame(STDIN, Unpooled.copiedBuffer(text, UTF_8)));
  }

  private void send(Object frame) throws IOException {
    codec.writeOutbound(frame);
    for (ByteBuf bytes = codec.readOutbound(); bytes != null; bytes = codec.readOutbound()) {
      socket.getOutputStream().write(ByteBufUtil.getBytes(bytes));
      bytes.release();
    }
  }

  /** Reads until the console has printed something. */
  void awaitOutput(String text) throws IOException {
    while (!of(STDOUT).toString().contains(text)) {
      if (!read()) {
        throw new IOException("the connection has ended after: " + received);
      }
    }
  }

  /** Reads to the end; returns the status of the machine's end. */
  String awaitEnd() throws IOException {
    while (read()) {
      // All output is kept.
    }
    return of(ERROR).toString();
  }

  private StringBuilder of(int stream) {
    return received.computeIfAbsent(stream, none -> new StringBuilder());
  }

  private boolean read() throws IOException {
    byte[] buffer = new byte[4096];
    int count = socket.getInputStream().read(buffer);
    if (count < 0) {
      return false;
    }
    codec.writeInbound(Unpooled.copiedBuffer(buffer, 0, count));
    for (Object frame = codec.readInbound(); frame != null; frame = codec.readInbound()) {
      if (frame instanceof SpdyDataFrame data) {
        of(data.streamId()).append(data.content().toString(UTF_8));
        data.release();
      } else if (frame instanceof SpdySynReplyFrame reply) {
        if (reply.headers().isEmpty()) {
          throw new IOException(
              "kubelets take a reply without headers for an end of the connection");
        }
        answered.add(reply.streamId());
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    socket.close();
    codec.close();
  }
}
