package io.crirouter.examples.bench.soak;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/** The latencies of the calls of one phase, by kind. Used by one thread. */
final class Latencies {
  /** The kinds of calls that are compared. */
  enum Kind {
    /** ListPodSandbox and ListContainers: answers of all runtimes. */
    LISTS("lists of pods and containers"),
    /** Calls about one container or pod, and Status. */
    BY_ID("calls by id, and Status"),
    /** Answers of all runtimes, which may take five seconds while a runtime hangs. */
    IMAGES_AND_STATS("images and stats"),
    /** The time from a call to the event that it causes. */
    EVENTS("events");

    final String title;

    Kind(String title) {
      this.title = title;
    }
  }

  private final Map<Kind, long[]> nanos = new EnumMap<>(Kind.class);
  private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);

  void add(Kind kind, long callNanos) {
    int count = counts.merge(kind, 1, Integer::sum);
    long[] all = nanos.computeIfAbsent(kind, key -> new long[1024]);
    if (count > all.length) {
      all = Arrays.copyOf(all, 2 * all.length);
      nanos.put(kind, all);
    }
    all[count - 1] = callNanos;
  }

  int count(Set<Kind> kinds) {
    return kinds.stream().mapToInt(this::count).sum();
  }

  private int count(Kind kind) {
    return counts.getOrDefault(kind, 0);
  }

  /** A quantile in milliseconds; NaN without calls of these kinds. */
  double quantile(Set<Kind> kinds, double q) {
    long[] sorted = kinds.stream().flatMapToLong(this::ofKind).sorted().toArray();
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted[(int) Math.min(sorted.length - 1, sorted.length * q)] / 1e6;
  }

  private LongStream ofKind(Kind kind) {
    return Arrays.stream(nanos.getOrDefault(kind, new long[0])).limit(count(kind));
  }
}
