package io.crirouter.grpc;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** A server that writes HTTP/2 frames, for cases that gRPC servers do not produce. */
final class RawHttp2Server implements AutoCloseable {
  static final int CANCEL = 8;

  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PREFACE_BYTES = 24;

  private final ServerSocketChannel listener;
  private SocketChannel socket;

  private RawHttp2Server(ServerSocketChannel listener) {
    this.listener = listener;
  }

  static RawHttp2Server at(Path path) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(path));
    return new RawHttp2Server(listener);
  }

  /** Accepts a connection and reads the client's preface. */
  void accept() throws IOException {
    socket = listener.accept();
    read(PREFACE_BYTES);
  }

  void write(String text) throws IOException {
    write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
  }

  void writeSettings() throws IOException {
    write(frame(SETTINGS, 0, 0));
  }

  void writeReset(int stream, int code) throws IOException {
    write(frame(RST_STREAM, 4, stream).putInt(9, code));
  }

  /** Reads up to the headers of a call. Returns its stream. */
  @CanIgnoreReturnValue
  int awaitHeaders() throws IOException {
    while (true) {
      ByteBuffer header = read(9);
      int length = header.getInt(0) >>> 8;
      int type = header.get(3);
      read(length);
      if (type == HEADERS) {
        return header.getInt(5);
      }
    }
  }

  void closeConnection() throws IOException {
    socket.close();
  }

  private static ByteBuffer frame(int type, int length, int stream) {
    ByteBuffer frame = ByteBuffer.allocate(9 + length);
    return frame.putInt(0, length << 8).put(3, (byte) type).putInt(5, stream);
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      socket.write(bytes);
    }
  }

  @CanIgnoreReturnValue
  private ByteBuffer read(int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (socket.read(bytes) < 0) {
        throw new EOFException();
      }
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    if (socket != null) {
      socket.close();
    }
    listener.close();
  }
}
