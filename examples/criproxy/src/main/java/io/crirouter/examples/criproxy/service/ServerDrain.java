package io.crirouter.examples.criproxy.service;

import io.crirouter.grpc.CriServer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Stops a server gracefully: running calls have a limited time to finish. */
final class ServerDrain {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  /** The time to accept clients that connected just before the successor had the socket. */
  private static final Duration ACCEPT_TIME = Duration.ofSeconds(1);

  /** The longest timeout of a kubelet's call. */
  private static final Duration SUCCESSOR_LIMIT = Duration.ofMinutes(15);

  private final CriServer server;
  private final Supplier<Duration> timeout;

  /**
   * @param timeout the configured time, which a reload may change
   */
  ServerDrain(CriServer server, Supplier<Duration> timeout) {
    this.server = server;
    this.timeout = timeout;
  }

  /**
   * Waits until no call runs, and serves new calls meanwhile. Then closes the socket and shuts the
   * server down. All that takes the configured time at most.
   *
   * @param cutOff ends all calls when it completes
   */
  void stop(CompletionStage<?> cutOff) throws InterruptedException {
    Duration limit = timeout.get();
    long end = System.nanoTime() + limit.toNanos();
    LOG.log(
        System.Logger.Level.INFO,
        "stopping when the running calls have ended, in {0} s at the latest",
        limit.toSeconds());
    await(CompletableFuture.anyOf(future(server.endOfCalls()), future(cutOff)), limit);
    shutdown(Duration.ofNanos(Math.max(0, end - System.nanoTime())), cutOff);
  }

  /**
   * Shuts the server down after a hand-over: clients reconnect to the successor. Running calls have
   * 15 minutes to finish.
   *
   * @param stop limits the time to the configured one when it completes
   * @param cutOff ends all calls when it completes
   */
  void stopForSuccessor(CompletionStage<?> stop, CompletionStage<?> cutOff)
      throws InterruptedException {
    await(future(stop), ACCEPT_TIME);
    var unused = stop.thenRun(() -> server.shutdown(timeout.get()));
    shutdown(SUCCESSOR_LIMIT, cutOff);
  }

  private void shutdown(Duration limit, CompletionStage<?> cutOff) throws InterruptedException {
    server.shutdown(limit);
    var unused = cutOff.thenRun(() -> server.shutdown(Duration.ZERO));
    if (!server.awaitTermination(limit.plusSeconds(1))) {
      LOG.log(
          System.Logger.Level.WARNING,
          "stopping: some calls did not finish in time and are cut off");
    }
  }

  private static CompletableFuture<?> future(CompletionStage<?> stage) {
    return stage.toCompletableFuture();
  }

  private static void await(CompletableFuture<?> event, Duration limit)
      throws InterruptedException {
    try {
      Object unused = event.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      // The caller goes on after the limit.
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
