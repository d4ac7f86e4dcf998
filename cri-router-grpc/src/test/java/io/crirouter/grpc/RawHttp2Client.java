package io.crirouter.grpc;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A client that writes HTTP/2 frames, and closes its connection without GOAWAY. */
final class RawHttp2Client implements AutoCloseable {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  private static final int RST_STREAM = 3;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int ACK = 1;
  private static final int CANCEL = 8;

  private final SocketChannel socket;

  private RawHttp2Client(SocketChannel socket) {
    this.socket = socket;
  }

  static RawHttp2Client connect(Path path) throws IOException {
    SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
    socket.connect(UnixDomainSocketAddress.of(path));
    RawHttp2Client client = new RawHttp2Client(socket);
    client.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
    client.frame(SETTINGS, 0, 0, new byte[0]);
    return client;
  }

  /** Sends a complete request on stream 1. */
  void sendCall(String path, byte[] message) throws IOException {
    sendCall(1, path, message);
  }

  /** Cancels the call on {@code stream}. */
  void sendReset(int stream) throws IOException {
    frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, CANCEL});
  }

  /** Reads until the server closes. Returns the code of its GOAWAY, or -1 if there was none. */
  @CanIgnoreReturnValue
  int awaitEnd() throws IOException {
    int code = -1;
    while (true) {
      ByteBuffer header = read(9);
      if (header.hasRemaining()) {
        return code;
      }
      ByteBuffer payload = read(header.getInt(0) >>> 8);
      if (header.get(3) == GOAWAY) {
        code = payload.getInt(4);
      } else if (header.get(3) == PING && header.get(4) == 0) {
        frame(PING, ACK, 0, ByteBuffer.allocate(8).put(payload.rewind()).array());
      }
    }
  }

  /** Reads until a call has ended. Fails if the connection ends before. */
  void awaitEndOfCall() throws IOException {
    awaitEndOfCall(0);
  }

  /** Reads until the call on {@code stream} has ended; 0 means any call. */
  void awaitEndOfCall(int stream) throws IOException {
    ByteBuffer header;
    do {
      header = read(9);
      if (header.hasRemaining()) {
        throw new EOFException();
      }
      read(header.getInt(0) >>> 8);
    } while (header.get(3) != HEADERS
        || (header.get(4) & END_STREAM) == 0
        || (stream != 0 && header.getInt(5) != stream));
  }

  @CanIgnoreReturnValue
  private ByteBuffer read(int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    try {
      while (bytes.hasRemaining() && socket.read(bytes) >= 0) {
        // Reads the rest.
      }
    } catch (SocketException e) {
      // The server has closed the connection during a write.
    }
    return bytes;
  }

  /** Sends a complete request. */
  void sendCall(int stream, String path, byte[] message) throws IOException {
    ByteArrayOutputStream headers = new ByteArrayOutputStream();
    literal(headers, ":method", "POST");
    literal(headers, ":scheme", "http");
    literal(headers, ":path", path);
    literal(headers, ":authority", "localhost");
    literal(headers, "te", "trailers");
    literal(headers, "content-type", "application/grpc");
    frame(HEADERS, END_HEADERS, stream, headers.toByteArray());
    ByteBuffer data = ByteBuffer.allocate(5 + message.length);
    data.put((byte) 0).putInt(message.length).put(message);
    frame(DATA, END_STREAM, stream, data.array());
  }

  /** A header field as HPACK's literal without indexing and without Huffman code. */
  private static void literal(ByteArrayOutputStream out, String name, String value) {
    out.write(0);
    out.write(name.length());
    out.writeBytes(name.getBytes(US_ASCII));
    out.write(value.length());
    out.writeBytes(value.getBytes(US_ASCII));
  }

  private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.put((byte) 0).putShort((short) payload.length);
    frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
    write(frame.array());
  }

  private void write(byte[] bytes) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    while (rest.hasRemaining()) {
      socket.write(rest);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
