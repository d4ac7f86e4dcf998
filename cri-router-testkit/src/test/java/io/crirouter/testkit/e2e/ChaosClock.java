package io.crirouter.testkit.e2e;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The end of a chaos run, by time or by a failure. Thread-safe. */
final class ChaosClock {
  private final CountDownLatch ended = new CountDownLatch(1);

  /** Waits; false if the run ended first. */
  boolean sleep(long millis) {
    try {
      return !ended.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Ends the run. */
  void end() {
    ended.countDown();
  }
}
