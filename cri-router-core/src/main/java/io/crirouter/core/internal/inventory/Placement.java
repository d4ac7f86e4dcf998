package io.crirouter.core.internal.inventory;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * When a pod got a sandbox, or may have got one, at some runtime: the newest of several tells where
 * the pod is.
 *
 * @param createdAt in nanoseconds since 1970
 * @param number the number of the first report of it, for things that came at the same time
 */
record Placement(long createdAt, long number) implements Comparable<Placement> {
  private static final Comparator<Placement> BY_TIME =
      Comparator.comparingLong(Placement::createdAt).thenComparingLong(Placement::number);

  static Placement newer(@Nullable Placement one, Placement other) {
    return one == null || one.compareTo(other) < 0 ? other : one;
  }

  @Override
  public int compareTo(Placement other) {
    return BY_TIME.compare(this, other);
  }
}
