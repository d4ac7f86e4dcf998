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
 * A UNIX socket that leads to another one, and passes on in small pieces what that answers: byte by
 * byte, say, or as slowly as a test wants. It knows nothing of what it carries.
 *
 * <pre>{@code
 * try (CriServer runtime = fake.serve(folder.resolve("runtime.sock"));
 *     SlowLink link = SlowLink.open(folder.resolve("slow.sock"), runtime.socket())) {
 *   link.throttle(1, Duration.ZERO);
 * }
 * }</pre>
 *
 * <p>Without {@link #throttle} it passes on everything at once. Two threads serve each connection.
 * May be used from any thread.
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
   * Listens at {@code socket} from now on.
   *
   * @param target connected to once for each client; a client is turned away if it does not listen
   * @throws IOException if the socket cannot be had
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
   * Passes answers on in pieces from now on, also on connections that are open.
   *
   * @param bytes how much a piece has at most; 1 is byte by byte
   * @param pause the time after each piece, in real time
   * @throws IllegalArgumentException if {@code bytes} is not positive
   */
  public void throttle(int bytes, Duration pause) {
    if (bytes < 1) {
      throw new IllegalArgumentException("a piece has 1 byte at least, not " + bytes);
    }
    pace = new Pace(Math.min(bytes, BUFFER_BYTES), pause);
  }

  /** Where it listens. */
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
      start("request", () -> pass(client, runtime, false));
      start("answer", () -> pass(runtime, client, true));
      if (closed) {
        end(client, runtime);
      }
    } catch (IOException e) {
      end(client);
    }
  }

  private void pass(SocketChannel from, SocketChannel to, boolean slowly) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    try {
      while (from.read(buffer.clear()) >= 0) {
        write(buffer.flip(), to, slowly);
      }
    } catch (IOException e) {
      // One end is gone, which the other one is told now.
    } finally {
      end(from, to);
    }
  }

  private void write(ByteBuffer buffer, SocketChannel to, boolean slowly) throws IOException {
    int end = buffer.limit();
    while (buffer.position() < end) {
      Pace now = pace;
      buffer.limit(slowly ? Math.min(end, buffer.position() + now.bytes()) : end);
      while (buffer.hasRemaining()) {
        to.write(buffer);
      }
      if (slowly) {
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

  /** Ends all connections and removes the socket; closing again does nothing. */
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
