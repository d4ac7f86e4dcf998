package io.crirouter.examples.bench.load;

import java.util.Arrays;

/** The times that the calls of one measurement took, in nanoseconds. */
final class Sample {
  private long[] nanos = new long[1024];
  private int count;
  private long elapsed;

  void add(long callNanos) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, count * 2);
    }
    nanos[count++] = callNanos;
  }

  /** Ends the measurement, which took {@code elapsedNanos}. */
  Sample finish(long elapsedNanos) {
    elapsed = elapsedNanos;
    Arrays.sort(nanos, 0, count);
    return this;
  }

  int count() {
    return count;
  }

  double medianMicros() {
    return quantileMicros(0.5);
  }

  double quantileMicros(double q) {
    return count == 0 ? Double.NaN : nanos[(int) Math.min(count - 1, count * q)] / 1e3;
  }

  double perSecond() {
    return count * 1e9 / elapsed;
  }
}
