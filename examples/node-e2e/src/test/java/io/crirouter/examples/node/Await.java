package io.crirouter.examples.node;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Waits for the outside world: asks again and again until something holds. */
final class Await {
  private static final Duration POLL = Duration.ofMillis(250);

  /** Many times what a step takes: the machine may be busy with other things. */
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private static final Duration SOON = Duration.ofSeconds(5);

  private Await() {}

  /**
   * Waits until a value satisfies a condition; returns it.
   *
   * @throws AssertionError with the last value when the limit has passed
   */
  static <T> T until(String what, Supplier<T> value, Predicate<T> condition) {
    Holder<T> last = new Holder<>();
    within(
        LIMIT,
        () -> what + "; last seen: " + last.value,
        () -> {
          last.value = value.get();
          return condition.test(last.value);
        });
    return last.value;
  }

  /** Waits until a condition holds. */
  static void until(String what, BooleanSupplier condition) {
    within(LIMIT, () -> what, condition);
  }

  /** Whether a condition holds within a few seconds, which the kubelet's events may be late. */
  static boolean holds(BooleanSupplier condition) {
    try {
      within(SOON, () -> "", condition);
      return true;
    } catch (AssertionError e) {
      return false;
    }
  }

  /**
   * Waits until a condition holds.
   *
   * @throws AssertionError naming {@code what} when the limit has passed
   */
  static void within(Duration limit, Supplier<String> what, BooleanSupplier condition) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("waited %d s for %s".formatted(limit.toSeconds(), what.get()));
      }
      try {
        Thread.sleep(POLL.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for " + what.get(), e);
      }
    }
  }

  private static final class Holder<T> {
    private T value;
  }
}
