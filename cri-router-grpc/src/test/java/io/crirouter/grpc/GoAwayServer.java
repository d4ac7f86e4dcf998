package io.crirouter.grpc;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers the first calls of each connection, then sends GOAWAY. Never closes a connection. */
final class GoAwayServer implements AutoCloseable {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int PREFACE_BYTES = 24;

  private final ServerSocketChannel listener;
  private final int callsPerConnection;
  private final List<SocketChannel> connections = new CopyOnWriteArrayList<>();
  private final Thread thread = new Thread(this::serve, "goaway-server");

  GoAwayServer(Path path, int callsPerConnection) throws IOException {
    this.callsPerConnection = callsPerConnection;
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(path));
    thread.start();
  }

  int connections() {
    return connections.size();
  }

  /** The number of connections that the client has not closed. */
  int open() {
    int open = 0;
    for (SocketChannel connection : connections) {
      open += isOpen(connection) ? 1 : 0;
    }
    return open;
  }

  private static boolean isOpen(SocketChannel connection) {
    try {
      connection.configureBlocking(false);
      int count;
      do {
        count = connection.read(ByteBuffer.allocate(1024));
      } while (count > 0);
      return count == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private void serve() {
    while (listener.isOpen()) {
      try {
        SocketChannel connection = listener.accept();
        serve(connection);
        connections.add(connection);
      } catch (IOException e) {
        // The test has ended, or the client has closed this connection.
      }
    }
  }

  private void serve(SocketChannel connection) throws IOException {
    read(connection, PREFACE_BYTES);
    write(connection, SETTINGS, 0, 0, new byte[0]);
    int stream = 0;
    for (int i = 0; i < callsPerConnection; i++) {
      stream = awaitCall(connection);
      ByteArrayOutputStream headers = new ByteArrayOutputStream();
      headers.write(0x88);
      literal(headers, "content-type", "application/grpc");
      write(connection, HEADERS, END_HEADERS, stream, headers.toByteArray());
      write(connection, DATA, 0, stream, new byte[5]);
      ByteArrayOutputStream trailers = new ByteArrayOutputStream();
      literal(trailers, "grpc-status", "0");
      write(connection, HEADERS, END_HEADERS | END_STREAM, stream, trailers.toByteArray());
    }
    write(connection, GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(stream).array());
  }

  private static void literal(ByteArrayOutputStream out, String name, String value) {
    out.write(0);
    out.write(name.length());
    out.writeBytes(name.getBytes(US_ASCII));
    out.write(value.length());
    out.writeBytes(value.getBytes(US_ASCII));
  }

  private static int awaitCall(SocketChannel connection) throws IOException {
    while (true) {
      ByteBuffer header = read(connection, 9);
      read(connection, header.getInt(0) >>> 8);
      if (header.get(3) == HEADERS) {
        return header.getInt(5);
      }
    }
  }

  @CanIgnoreReturnValue
  private static ByteBuffer read(SocketChannel connection, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (connection.read(bytes) < 0) {
        throw new IOException("the client has closed the connection");
      }
    }
    return bytes;
  }

  private static void write(SocketChannel to, int type, int flags, int stream, byte[] payload)
      throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.putInt(payload.length << 8).position(3);
    frame.put((byte) type).put((byte) flags).putInt(stream).put(payload).flip();
    while (frame.hasRemaining()) {
      to.write(frame);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (SocketChannel connection : connections) {
      connection.close();
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
