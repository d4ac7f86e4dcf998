package io.crirouter.testkit.e2e;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How long a course of events goes on: until its time is up or something went wrong. */
final class ChaosClock {
  private final CountDownLatch over = new CountDownLatch(1);

  /** Lets time pass; false if it was up before. */
  boolean pass(long millis) {
    try {
      return !over.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Time is up. */
  void end() {
    over.countDown();
  }
}
