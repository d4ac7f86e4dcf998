package io.crirouter.examples.criproxy;

import io.crirouter.examples.criproxy.service.Signals;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Handles SIGTERM and SIGINT. The first signal requests a stop: a serving proxy drains, a start
 * that waits for something is given up, and the process exits with 0. A second signal requests to
 * cut off the calls that still run.
 */
final class StopSignal {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  /** The time to clean up after a start that is given up. */
  private static final Duration START_LIMIT = Duration.ofSeconds(2);

  private final CompletableFuture<Void> requested = new CompletableFuture<>();
  private final CompletableFuture<Void> repeated = new CompletableFuture<>();
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile Supplier<Duration> drainLimit = () -> Duration.ZERO;

  private StopSignal() {}

  /** Starts to handle signals. */
  static StopSignal listen() {
    StopSignal signal = new StopSignal();
    Signals.on("TERM", signal::onSignal);
    Signals.on("INT", signal::onSignal);
    return signal;
  }

  /** Completes at the first signal. */
  CompletionStage<Void> requested() {
    return requested;
  }

  /** Completes at the second signal. */
  CompletionStage<Void> repeated() {
    return repeated;
  }

  boolean isRequested() {
    return requested.isDone();
  }

  /** Waits for the first signal. */
  void await() {
    requested.join();
  }

  /**
   * Sets the time to drain, once the proxy serves.
   *
   * @param limit how long the process may run after a signal; it is halted then
   */
  void drainLimit(Supplier<Duration> limit) {
    drainLimit = limit;
  }

  /** Call this when the process has nothing left to do. */
  void done() {
    done.countDown();
  }

  /** Runs on a thread of its own. */
  private void onSignal() {
    if (!requested.complete(null)) {
      repeated.complete(null);
      return;
    }
    try {
      if (!isDoneWithin(START_LIMIT) && !isDoneWithin(drainLimit.get())) {
        LOG.log(System.Logger.Level.WARNING, "stopping at once: the time limit is over");
        CriProxy.flushLog();
        Runtime.getRuntime().halt(0);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isDoneWithin(Duration limit) throws InterruptedException {
    return done.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }
}
