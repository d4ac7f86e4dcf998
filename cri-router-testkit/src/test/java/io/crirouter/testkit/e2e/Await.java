package io.crirouter.testkit.e2e;

import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Polls for an asynchronous change. */
final class Await {
  /** Many times what a change takes: the machine may be busy with other things. */
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static final Duration POLL = Duration.ofMillis(20);

  private Await() {}

  /**
   * Polls {@code probe} until it returns a {@code wanted} value, and returns that.
   *
   * @throws AssertionError with the last value
   */
  static <T> T until(String what, Supplier<T> probe, Predicate<? super T> wanted) {
    long end = System.nanoTime() + LIMIT.toNanos();
    T value = probe.get();
    while (!wanted.test(value)) {
      if (System.nanoTime() - end >= 0) {
        throw new AssertionError(
            "no " + what + " within " + LIMIT.toSeconds() + " s, but " + value);
      }
      pause();
      value = probe.get();
    }
    return value;
  }

  private static void pause() {
    try {
      Thread.sleep(POLL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting", e);
    }
  }
}
