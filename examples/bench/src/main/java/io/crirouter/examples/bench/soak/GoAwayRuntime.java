package io.crirouter.examples.bench.soak;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A runtime that answers the first call of each connection, sends GOAWAY, and keeps the connection
 * open. It writes HTTP/2 frames itself, because gRPC servers do not behave like this.
 */
final class GoAwayRuntime {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;
  private static final int PREFACE_BYTES = 24;
  private static final int FRAME_HEADER_BYTES = 9;

  private final ServerSocketChannel listener;

  GoAwayRuntime(Path socket) throws IOException {
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
  }

  void start() {
    startDaemon(
        () -> {
          while (true) {
            SocketChannel connection = listener.accept();
            startDaemon(() -> serve(connection));
          }
        });
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void startDaemon(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                // The client has closed the connection.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  private static void serve(SocketChannel connection) throws IOException {
    try (connection) {
      skip(connection, PREFACE_BYTES);
      write(connection, SETTINGS, 0, 0, new byte[0]);
      int stream = awaitCall(connection);
      ByteArrayOutputStream headers = new ByteArrayOutputStream();
      headers.write(0x88); // :status 200
      addLiteral(headers, "content-type", "application/grpc");
      write(connection, HEADERS, END_HEADERS, stream, headers.toByteArray());
      write(connection, DATA, 0, stream, new byte[5]);
      ByteArrayOutputStream trailers = new ByteArrayOutputStream();
      addLiteral(trailers, "grpc-status", "0");
      write(connection, HEADERS, END_HEADERS | END_STREAM, stream, trailers.toByteArray());
      write(connection, GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(stream).array());
      while (true) {
        int unused = awaitCall(connection);
      }
    }
  }

  private static void addLiteral(ByteArrayOutputStream out, String name, String value) {
    out.write(0);
    out.write(name.length());
    out.writeBytes(name.getBytes(US_ASCII));
    out.write(value.length());
    out.writeBytes(value.getBytes(US_ASCII));
  }

  /** Reads up to the headers of a call. Returns its stream. */
  private static int awaitCall(SocketChannel connection) throws IOException {
    while (true) {
      ByteBuffer header = skip(connection, FRAME_HEADER_BYTES);
      ByteBuffer unused = skip(connection, header.getInt(0) >>> 8);
      if (header.get(3) == HEADERS) {
        return header.getInt(5);
      }
    }
  }

  private static ByteBuffer skip(SocketChannel connection, int count) throws IOException {
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
    ByteBuffer frame = ByteBuffer.allocate(FRAME_HEADER_BYTES + payload.length);
    frame.putInt(payload.length << 8).position(3);
    frame.put((byte) type).put((byte) flags).putInt(stream).put(payload).flip();
    while (frame.hasRemaining()) {
      to.write(frame);
    }
  }
}
