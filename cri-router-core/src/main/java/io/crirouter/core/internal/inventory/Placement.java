package io.crirouter.core.internal.inventory;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * When a pod got, or may have got, a sandbox at some runtime. The pod belongs to the runtime with
 * the newest one.
 *
 * @param createdAt in nanoseconds since 1970
 * @param number the sequence number of the first report of it, for placements of the same time
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
