package io.crirouter.grpc;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Formats durations for messages. */
final class Durations {
  private Durations() {}

  /** {@code 250 ms} or {@code 2.5 s}. */
  static String text(long nanos) {
    long millis = TimeUnit.NANOSECONDS.toMillis(nanos);
    if (millis < 1000) {
      return millis + " ms";
    }
    return millis % 1000 == 0
        ? millis / 1000 + " s"
        : String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
  }
}
