package io.crirouter.testkit.containerd;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Calls Version on a CRI socket to find out whether CRI is served. containerd accepts connections
 * earlier, but answers with an error.
 *
 * <p>The HTTP/2 exchange is written by hand (RFC 9113, RFC 7541), because this package does not
 * depend on gRPC. A successful call sends a DATA frame with a message, a failed one only headers.
 * So headers are not decoded.
 */
final class CriProbe {
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int FRAME_HEADER = 9;

  /** The length of a gRPC message prefix: a flag and the message length. */
  private static final int MESSAGE_HEADER = 5;

  private CriProbe() {}

  /** Whether {@code runtime.v1.RuntimeService/Version} succeeds within two seconds. */
  static boolean answers(Path socket) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Selector selector = Selector.open()) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(ByteBuffer.wrap(request()));
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ);
      return awaitMessage(new Input(channel, selector, Deadline.in(LIMIT)));
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean awaitMessage(Input input) throws IOException {
    while (true) {
      ByteBuffer header = input.read(FRAME_HEADER);
      int length = (header.get() & 0xff) << 16 | (header.getShort() & 0xffff);
      int type = header.get();
      int flags = header.get();
      input.read(length);
      if (type == DATA && length > MESSAGE_HEADER) {
        return true;
      }
      if (type == HEADERS && (flags & END_STREAM) != 0) {
        return false;
      }
    }
  }

  private static byte[] request() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    writeFrame(bytes, SETTINGS, 0, 0, new byte[0]);
    writeFrame(bytes, HEADERS, END_HEADERS, 1, headers());
    writeFrame(bytes, DATA, END_STREAM, 1, new byte[MESSAGE_HEADER]);
    return bytes.toByteArray();
  }

  /** An HPACK block: indexes into the static table, and literals without indexing. */
  private static byte[] headers() {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.write(0x83); // :method POST
    block.write(0x86); // :scheme http
    block.write(0x04); // :path
    writeString(block, "/runtime.v1.RuntimeService/Version");
    block.write(0x01); // :authority
    writeString(block, "localhost");
    block.write(0x00);
    writeString(block, "content-type");
    writeString(block, "application/grpc");
    block.write(0x00);
    writeString(block, "te");
    writeString(block, "trailers");
    return block.toByteArray();
  }

  private static void writeString(ByteArrayOutputStream block, String text) {
    block.write(text.length());
    block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void writeFrame(
      ByteArrayOutputStream bytes, int type, int flags, int stream, byte[] payload) {
    ByteBuffer header = ByteBuffer.allocate(FRAME_HEADER);
    header.put((byte) 0).putShort((short) payload.length);
    header.put((byte) type).put((byte) flags).putInt(stream);
    bytes.writeBytes(header.array());
    bytes.writeBytes(payload);
  }

  /** Reads with a deadline, because a hung runtime still accepts connections. */
  private record Input(SocketChannel channel, Selector selector, Deadline deadline) {
    @CanIgnoreReturnValue
    ByteBuffer read(int length) throws IOException {
      ByteBuffer piece = ByteBuffer.allocate(length);
      while (piece.hasRemaining()) {
        if (channel.read(piece) < 0) {
          throw new EOFException("the runtime closed the connection");
        }
        if (piece.hasRemaining()) {
          awaitReadable();
        }
      }
      return piece.flip();
    }

    private void awaitReadable() throws IOException {
      long millis = deadline.remainingMillis();
      if (millis == 0) {
        throw new IOException("no response within " + LIMIT.toSeconds() + " s");
      }
      selector.select(millis);
      selector.selectedKeys().clear();
    }
  }
}
