package io.crirouter.examples.criproxy.metrics;

import io.crirouter.core.BackendName;
import io.crirouter.core.CallPart;
import io.crirouter.core.CriMethod;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;

/** The metrics of one rpc at one runtime. Thread-safe. */
final class PartMetrics {
  private static final double NANOS_PER_SECOND = 1e9;

  private final CodeCounters codes;
  private final DistributionDataPoint seconds;
  private final CounterDataPoint unsent;
  private final CounterDataPoint missedBudgets;
  private final CounterDataPoint lastKnown;

  PartMetrics(BackendName backend, CriMethod method, CallMetrics all) {
    String name = backend.value();
    String rpc = method.name();
    codes = new CodeCounters(code -> all.backendCalls.labelValues(name, rpc, code));
    seconds = all.backendSeconds.labelValues(name, rpc);
    unsent = all.unsent.labelValues(name, rpc);
    missedBudgets = all.missedBudgets.labelValues(name, rpc);
    lastKnown = all.lastKnown.labelValues(name, rpc);
  }

  void ended(CallPart part) {
    if (part.wasSent()) {
      codes.of(part.status().code()).inc();
      seconds.observe(part.latency().toNanos() / NANOS_PER_SECOND);
    } else {
      unsent.inc();
    }
    if (part.missedBudget()) {
      missedBudgets.inc();
    }
    if (part.isLastKnown()) {
      lastKnown.inc();
    }
  }
}
