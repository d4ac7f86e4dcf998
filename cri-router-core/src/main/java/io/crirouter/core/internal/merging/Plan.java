package io.crirouter.core.internal.merging;

import io.crirouter.proto.routing.Budget;

/**
 * How several backends answer one call.
 *
 * @param merge makes one response of theirs
 * @param budget how long secondaries may take
 * @param lastKnownOfLostPrimary whether the last known state of the primary is used while it is
 *     lost
 */
public record Plan(Merge merge, Budget budget, boolean lastKnownOfLostPrimary) {
  /** A plan in which the primary must answer. */
  public Plan(Merge merge, Budget budget) {
    this(merge, budget, false);
  }

  /** Whether secondaries have less time than the caller allows. */
  boolean hasBudget() {
    return budget != Budget.CALLER;
  }
}
