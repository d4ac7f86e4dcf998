package io.crirouter.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A UNIX socket that forwards connections to another one and splits the responses into small
 * pieces, with a pause after each. It forwards bytes and knows no protocol.
 *
 * <pre>{@code
 * try (CriServer runtime = fake.serve(folder.resolve("runtime.sock"));
 *     SlowLink link = SlowLink.open(folder.resolve("slow.sock"), runtime.socket())) {
 *   link.throttle(1, Duration.ZERO);
 * }
 * }</pre>
 *
 * <p>Without {@link #throttle} it does not split. Two threads serve each connection. May be used
 * from any thread.
 */
public final class SlowLink implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;

  private record Pace(int bytes, Duration pause) {}

  private final Path socket;
  private final Path target;
  private final ServerSocketChannel listener;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private volatile Pace pace = new Pace(BUFFER_BYTES, Duration.ZERO);
  private volatile boolean closed;

  private SlowLink(Path socket, Path target, ServerSocketChannel listener) {
    this.socket = socket;
    this.target = target;
    this.listener = listener;
  }

  /**
   * Starts to listen at {@code socket}.
   *
   * @param target connected to once per client; if that fails, the client is disconnected
   * @throws IOException if the socket cannot be bound
   */
  public static SlowLink open(Path socket, Path target) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      listener.close();
      throw e;
    }
    SlowLink link = new SlowLink(socket, target, listener);
    start("accept", link::acceptAll);
    return link;
  }

  /**
   * Splits responses into pieces, on open connections too.
   *
   * @param bytes the maximum size of a piece
   * @param pause the time after each piece, in real time
   * @throws IllegalArgumentException if {@code bytes} is not positive
   */
  public void throttle(int bytes, Duration pause) {
    if (bytes < 1) {
      throw new IllegalArgumentException("a piece must have at least 1 byte, not " + bytes);
    }
    pace = new Pace(Math.min(bytes, BUFFER_BYTES), pause);
  }

  /** The socket it listens at. */
  public Path socket() {
    return socket;
  }

  private static void start(String task, Runnable body) {
    Thread thread = new Thread(body, "slow-link-" + task);
    thread.setDaemon(true);
    thread.start();
  }

  private void acceptAll() {
    while (!closed) {
      try {
        connect(listener.accept());
      } catch (IOException e) {
        if (!closed) {
          throw new UncheckedIOException(this + " accepts no more connections", e);
        }
      }
    }
  }

  private void connect(SocketChannel client) {
    open.add(client);
    try {
      SocketChannel runtime = SocketChannel.open(UnixDomainSocketAddress.of(target));
      open.add(runtime);
      start("request", () -> forward(client, runtime, false));
      start("answer", () -> forward(runtime, client, true));
      if (closed) {
        end(client, runtime);
      }
    } catch (IOException e) {
      end(client);
    }
  }

  private void forward(SocketChannel from, SocketChannel to, boolean throttled) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    try {
      while (from.read(buffer.clear()) >= 0) {
        write(buffer.flip(), to, throttled);
      }
    } catch (IOException e) {
      // One end was closed. The other end is closed below.
    } finally {
      end(from, to);
    }
  }

  private void write(ByteBuffer buffer, SocketChannel to, boolean throttled) throws IOException {
    int end = buffer.limit();
    while (buffer.position() < end) {
      Pace now = pace;
      buffer.limit(throttled ? Math.min(end, buffer.position() + now.bytes()) : end);
      while (buffer.hasRemaining()) {
        to.write(buffer);
      }
      if (throttled) {
        pause(now.pause());
      }
    }
  }

  private static void pause(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private void end(SocketChannel... channels) {
    for (SocketChannel channel : channels) {
      open.remove(channel);
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(this + " cannot close a connection", e);
      }
    }
  }

  /** Closes all connections and removes the socket. Closing again has no effect. */
  @Override
  public void close() throws IOException {
    closed = true;
    listener.close();
    end(open.toArray(SocketChannel[]::new));
    Files.deleteIfExists(socket);
  }

  @Override
  public String toString() {
    return "SlowLink(" + socket + " to " + target + ")";
  }
}
