package io.crirouter.core;

import java.time.Duration;

/**
 * How long a slow secondary may keep an answer waiting that is merged from all runtimes. The
 * primary is waited for as long as the caller waits, as if the router were not there.
 *
 * @param pods for lists of pod sandboxes and containers, which a kubelet asks for every second
 * @param bulk for images, stats, metrics and searches
 */
public record Budgets(Duration pods, Duration bulk) {
  /** Half a second for pods, five for the rest. */
  public static final Budgets DEFAULT = new Budgets(Duration.ofMillis(500), Duration.ofSeconds(5));

  /**
   * @throws IllegalArgumentException if a budget is not positive
   */
  public Budgets {
    requirePositive(pods);
    requirePositive(bulk);
  }

  private static void requirePositive(Duration budget) {
    if (budget.isNegative() || budget.isZero()) {
      throw new IllegalArgumentException("a budget must be positive, but one is " + budget);
    }
  }
}
