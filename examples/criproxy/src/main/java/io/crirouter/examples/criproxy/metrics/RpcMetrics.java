package io.crirouter.examples.criproxy.metrics;

import io.crirouter.core.CallObservation;
import io.crirouter.core.CallRecord;
import io.crirouter.core.CriMethod;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The metrics of the calls of one rpc. Thread-safe. */
final class RpcMetrics implements CallObservation {
  private static final double NANOS_PER_SECOND = 1e9;

  private final CriMethod method;
  private final CallMetrics all;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final CodeCounters codes;

  /** Created at the first call; null until then. */
  private volatile @Nullable Points points;

  RpcMetrics(CriMethod method, CallMetrics all) {
    this.method = method;
    this.all = all;
    this.codes = new CodeCounters(code -> all.calls.labelValues(method.name(), code));
  }

  /**
   * The data points without a status code.
   *
   * @param seconds null for an rpc that does not end by itself
   */
  private record Points(
      @Nullable DistributionDataPoint seconds,
      CounterDataPoint requests,
      CounterDataPoint responses) {}

  void started() {
    inFlight.incrementAndGet();
  }

  void reportInFlight(GaugeWithCallback.Callback values) {
    if (points != null || inFlight.get() > 0) {
      values.call(inFlight.get(), method.name());
    }
  }

  @Override
  public void ended(CallRecord call) {
    inFlight.decrementAndGet();
    Points counted = points();
    codes.of(call.status().code()).inc();
    counted.requests.inc(call.requestBytes());
    counted.responses.inc(call.responseBytes());
    if (counted.seconds != null) {
      counted.seconds.observe(call.latency().toNanos() / NANOS_PER_SECOND);
    }
    all.ended(call);
  }

  private Points points() {
    Points present = points;
    if (present == null) {
      String name = method.name();
      present =
          new Points(
              isEndless(method) ? null : all.seconds.labelValues(name),
              all.requestBytes.labelValues(name),
              all.responseBytes.labelValues(name));
      points = present;
    }
    return present;
  }

  /** Whether it is the only rpc that does not end by itself. */
  private static boolean isEndless(CriMethod method) {
    return method.name().equals("GetContainerEvents");
  }

  @Override
  public String toString() {
    return "metrics of " + method;
  }
}
