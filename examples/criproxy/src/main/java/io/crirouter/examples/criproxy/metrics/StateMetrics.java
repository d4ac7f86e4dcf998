package io.crirouter.examples.criproxy.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import org.jspecify.annotations.Nullable;

/** The metrics of the state file. Thread-safe. */
final class StateMetrics {
  private static final double MILLIS_PER_SECOND = 1e3;

  private final CounterDataPoint saved;
  private final CounterDataPoint failed;
  private final Gauge bytes;
  private final Gauge savedAt;

  StateMetrics(Families families) {
    Counter saves =
        families.counter(
            "criproxy_state_saves_total",
            "Writes of the state file, by outcome: saved, failed.",
            "outcome");
    saved = saves.labelValues("saved");
    failed = saves.labelValues("failed");
    bytes = families.gauge("criproxy_state_bytes", "Size of the last state.");
    savedAt =
        families.gauge(
            "criproxy_state_saved_timestamp_seconds",
            "Time of the last successful save; 0 if there was none since the start.");
  }

  void ended(int size, @Nullable Throwable failure) {
    bytes.set(size);
    if (failure == null) {
      saved.inc();
      savedAt.set(System.currentTimeMillis() / MILLIS_PER_SECOND);
    } else {
      failed.inc();
    }
  }
}
