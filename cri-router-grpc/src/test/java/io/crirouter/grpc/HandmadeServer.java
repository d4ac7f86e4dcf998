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

/** A server that writes frames of HTTP/2 by hand, for what no decent server does. */
final class HandmadeServer implements AutoCloseable {
  static final int CANCEL = 8;

  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PREFACE_BYTES = 24;

  private final ServerSocketChannel listener;
  private SocketChannel socket;

  private HandmadeServer(ServerSocketChannel listener) {
    this.listener = listener;
  }

  static HandmadeServer at(Path path) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(path));
    return new HandmadeServer(listener);
  }

  /** Takes a connection and the client's preface. */
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

  /** Reads until a call comes. Returns its stream. */
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

  void hangUp() throws IOException {
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
