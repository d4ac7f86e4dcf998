package io.crirouter.examples.criproxy.handover;

import static java.util.concurrent.CompletableFuture.delayedExecutor;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Whether anybody has the place of this proxy, which has given it up. systemd learns of the end of
 * the service's main process only from its own children, and a successor is a child of its
 * predecessor for as long as that finishes its calls.
 */
final class SuccessorWatch {
  /** By then this proxy itself has left the socket, which it may have bound anew until then. */
  private static final long SECOND_LOOK = 3000;

  private SuccessorWatch() {}

  /**
   * Completes when a process has ended and nobody listens at {@code socket}, which it or a
   * successor of its own would; never if it has stopped after a successor of its own took over.
   *
   * @param pid of the successor
   */
  static CompletionStage<Void> end(long pid, Path socket) {
    CompletableFuture<Void> lost = new CompletableFuture<>();
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    CompletableFuture<?> exit =
        process.isPresent() ? process.get().onExit() : CompletableFuture.completedFuture(null);
    Runnable look =
        () -> {
          if (isDeserted(socket)) {
            lost.complete(null);
          }
        };
    var unused = exit.thenRun(look);
    var unusedToo = exit.thenRunAsync(look, delayedExecutor(SECOND_LOOK, MILLISECONDS));
    return lost;
  }

  /** Whether nobody listens at {@code socket}. */
  private static boolean isDeserted(Path socket) {
    return failure(socket).isPresent();
  }

  /**
   * Whether whoever listened at {@code socket} was killed: one that stops removes it, and whoever
   * connects is not refused.
   */
  static boolean isLeftBehind(Path socket) {
    return failure(socket).filter(ConnectException.class::isInstance).isPresent();
  }

  private static Optional<IOException> failure(Path socket) {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.configureBlocking(false);
      // A connection that is pending has found a listener, though a busy one.
      probe.connect(UnixDomainSocketAddress.of(socket));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    }
  }
}
