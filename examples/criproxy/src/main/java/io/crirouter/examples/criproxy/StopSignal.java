package io.crirouter.examples.criproxy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * SIGTERM and its like: a request to stop, not a failure, so that the process ends with 0. Whoever
 * serves drains first; a start that waits for something is given up.
 */
final class StopSignal {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  /** How long a start that is given up has to clean up, if it can. */
  private static final Duration START_LIMIT = Duration.ofSeconds(2);

  private final CompletableFuture<Void> asked = new CompletableFuture<>();
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile Supplier<Duration> serveLimit = () -> Duration.ZERO;

  private StopSignal() {}

  /** Listens to signals from now on. */
  static StopSignal listen() {
    StopSignal signal = new StopSignal();
    Runtime.getRuntime().addShutdownHook(new Thread(signal::onSignal, "criproxy-stop"));
    return signal;
  }

  /** Completes when the process is told to stop. */
  CompletionStage<Void> asked() {
    return asked;
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

  private void onSignal() {
    if (done.getCount() == 0) {
      // Nobody sent a signal: the process exits by itself.
      return;
    }
    asked.complete(null);
    try {
      if (!isDoneWithin(START_LIMIT) && !isDoneWithin(serveLimit.get())) {
        LOG.log(System.Logger.Level.WARNING, "stopping though not all has ended");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    CriProxy.sayTheLast();
    Runtime.getRuntime().halt(0);
  }

  private boolean isDoneWithin(Duration limit) throws InterruptedException {
    return done.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }
}
