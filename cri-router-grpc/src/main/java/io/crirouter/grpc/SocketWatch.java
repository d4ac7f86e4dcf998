package io.crirouter.grpc;

import io.crirouter.core.Cancellable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a socket's file has appeared or was replaced, by looking ten times a second while
 * nobody is connected. That needs no thread, works before the folder exists and through symbolic
 * links, and takes none of the node's few inotify instances, which other agents tend to use up.
 */
final class SocketWatch {
  private static final Duration PERIOD = Duration.ofMillis(100);

  private final Path socket;
  private final EventLoops loops;
  private final Runnable onAppearance;
  private Map<String, Object> seen = Map.of();
  private @Nullable Cancellable next;

  /**
   * A watch that does nothing yet.
   *
   * @param onAppearance called on an event loop
   */
  SocketWatch(Path socket, EventLoops loops, Runnable onAppearance) {
    this.socket = socket;
    this.loops = loops;
    this.onAppearance = onAppearance;
  }

  /** Watches from now on for what is not there yet. */
  synchronized void start() {
    if (next == null) {
      seen = identity();
      next = loops.after(PERIOD, this::look);
    }
  }

  synchronized void stop() {
    if (next != null) {
      next.cancel();
      next = null;
    }
  }

  private void look() {
    if (hasAppeared()) {
      onAppearance.run();
    }
  }

  private synchronized boolean hasAppeared() {
    if (next == null) {
      return false;
    }
    next = loops.after(PERIOD, this::look);
    Map<String, Object> before = seen;
    seen = identity();
    return !seen.isEmpty() && !seen.equals(before);
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
