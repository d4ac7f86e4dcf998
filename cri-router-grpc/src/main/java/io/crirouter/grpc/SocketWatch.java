package io.crirouter.grpc;

import io.crirouter.core.Cancellable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a socket's file has appeared or was replaced. It checks ten times a second, which
 * needs no thread and works before the folder exists and through symbolic links. It does not use
 * inotify: a node has few instances, and other agents tend to use them up.
 *
 * <p>Thread-safe.
 */
final class SocketWatch {
  private static final Duration PERIOD = Duration.ofMillis(100);

  private final Path socket;
  private final EventLoops loops;
  private final Runnable onAppearance;
  private Map<String, Object> last = Map.of();
  private @Nullable Cancellable next;

  /**
   * A watch that is not started.
   *
   * @param onAppearance called on an event loop
   */
  SocketWatch(Path socket, EventLoops loops, Runnable onAppearance) {
    this.socket = socket;
    this.loops = loops;
    this.onAppearance = onAppearance;
  }

  /** Starts to watch for a file that is not there now. */
  synchronized void start() {
    if (next == null) {
      last = identity();
      next = loops.after(PERIOD, this::check);
    }
  }

  synchronized void stop() {
    if (next != null) {
      next.cancel();
      next = null;
    }
  }

  private void check() {
    if (hasAppeared()) {
      onAppearance.run();
    }
  }

  private synchronized boolean hasAppeared() {
    if (next == null) {
      return false;
    }
    next = loops.after(PERIOD, this::check);
    Map<String, Object> before = last;
    last = identity();
    return !last.isEmpty() && !last.equals(before);
  }

  /** The file's identity, empty if there is none. */
  private Map<String, Object> identity() {
    try {
      return Map.copyOf(Files.readAttributes(socket, "unix:dev,ino,ctime"));
    } catch (IOException e) {
      return Map.of();
    }
  }
}
