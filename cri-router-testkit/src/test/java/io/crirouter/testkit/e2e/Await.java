package io.crirouter.testkit.e2e;

import java.time.Duration;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Waits for what a runtime does in its own time, for five seconds at most. */
final class Await {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(20);

  private Await() {}

  /**
   * Looks until what it sees is {@code wanted}, and returns that.
   *
   * @throws AssertionError with what it saw last
   */
  static <T> T until(String what, Supplier<T> look, Predicate<? super T> wanted) {
    long end = System.nanoTime() + LIMIT.toNanos();
    T seen = look.get();
    while (!wanted.test(seen)) {
      if (System.nanoTime() - end >= 0) {
        throw new AssertionError("no " + what + " within " + LIMIT.toSeconds() + " s, but " + seen);
      }
      pause();
      seen = look.get();
    }
    return seen;
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
