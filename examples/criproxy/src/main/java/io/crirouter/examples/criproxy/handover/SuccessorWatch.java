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
 * Watches whether a proxy serves after a hand-over. systemd notices the end of the service's main
 * process only if that is its own child. A successor is a child of its predecessor while the
 * predecessor finishes its calls.
 */
final class SuccessorWatch {
  /** Until then this proxy itself may have bound the socket again. */
  private static final long RECHECK_DELAY_MILLIS = 3000;

  private SuccessorWatch() {}

  /**
   * Completes when the successor has ended and no process listens on {@code socket}. Never
   * completes if another proxy has taken over from the successor.
   *
   * @param pid the process id of the successor
   */
  static CompletionStage<Void> end(long pid, Path socket) {
    CompletableFuture<Void> lost = new CompletableFuture<>();
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    CompletableFuture<?> exit =
        process.isPresent() ? process.get().onExit() : CompletableFuture.completedFuture(null);
    Runnable check =
        () -> {
          if (connectFailure(socket).isPresent()) {
            lost.complete(null);
          }
        };
    var unused = exit.thenRun(check);
    var unusedToo = exit.thenRunAsync(check, delayedExecutor(RECHECK_DELAY_MILLIS, MILLISECONDS));
    return lost;
  }

  /**
   * Whether the process that listened on {@code socket} was killed. A process that stops removes
   * the socket, so that a connection does not fail with "connection refused".
   */
  static boolean isStale(Path socket) {
    return connectFailure(socket).filter(ConnectException.class::isInstance).isPresent();
  }

  private static Optional<IOException> connectFailure(Path socket) {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.configureBlocking(false);
      // A pending connection has a listener, though a busy one.
      probe.connect(UnixDomainSocketAddress.of(socket));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    }
  }
}
