package io.crirouter.examples.bench.soak;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** How long the calls of one phase took, by kind. Used by one thread. */
final class Latencies {
  /** What the kubelet's calls are judged by. */
  enum Kind {
    /** ListPodSandbox and ListContainers: answers of all runtimes. */
    LISTS("lists of pods and containers"),
    /** Calls about one container or pod, and Status. */
    BY_ID("calls by id, and Status"),
    /** Answers of all runtimes that may take five seconds while one of them hangs. */
    IMAGES_AND_STATS("images and stats"),
    /** From the call to the event that it causes. */
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

  int count(Kind kind) {
    return counts.getOrDefault(kind, 0);
  }

  /** In milliseconds; NaN without calls. */
  double quantile(Kind kind, double part) {
    int count = count(kind);
    if (count == 0) {
      return Double.NaN;
    }
    long[] sorted = Arrays.copyOf(nanos.getOrDefault(kind, new long[0]), count);
    Arrays.sort(sorted);
    return sorted[(int) Math.min(count - 1, count * part)] / 1e6;
  }
}
