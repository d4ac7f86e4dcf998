package io.crirouter.examples.criproxy;

import io.crirouter.examples.criproxy.service.Signals;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * SIGTERM and its like: a request to stop, not a failure, so that the process ends with 0. Whoever
 * serves drains first; a start that waits for something is given up. A second signal is a request
 * for haste.
 */
final class StopSignal {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  /** How long a start that is given up has to clean up, if it can. */
  private static final Duration START_LIMIT = Duration.ofSeconds(2);

  private final CompletableFuture<Void> asked = new CompletableFuture<>();
  private final CompletableFuture<Void> haste = new CompletableFuture<>();
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile Supplier<Duration> serveLimit = () -> Duration.ZERO;

  private StopSignal() {}

  /** Listens to signals from now on. */
  static StopSignal listen() {
    StopSignal signal = new StopSignal();
    Signals.on("TERM", signal::onSignal);
    Signals.on("INT", signal::onSignal);
    return signal;
  }

  /** Completes when the process is told to stop. */
  CompletionStage<Void> asked() {
    return asked;
  }

  /** Completes when it is told so again. */
  CompletionStage<Void> haste() {
    return haste;
  }

  boolean isAsked() {
    return asked.isDone();
  }

  /** Waits until the process is told to stop. */
  void await() {
    asked.join();
  }

  /**
   * There is something to drain from now on.
   *
   * @param limit how long the process may live on after a signal
   */
  void serves(Supplier<Duration> limit) {
    serveLimit = limit;
  }

  /** The process has nothing to do any more. */
  void done() {
    done.countDown();
  }

  /** Runs on a thread of its own. */
  private void onSignal() {
    if (!asked.complete(null)) {
      haste.complete(null);
      return;
    }
    try {
      if (!isDoneWithin(START_LIMIT) && !isDoneWithin(serveLimit.get())) {
        LOG.log(System.Logger.Level.WARNING, "stopping though not all has ended");
        CriProxy.sayTheLast();
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
