package io.crirouter.examples.criproxy.metrics;

import io.crirouter.core.RpcStatus.Code;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** A counter for each status code, created at its first use. Thread-safe. */
final class CodeCounters {
  private final Map<Code, CounterDataPoint> byCode = new ConcurrentHashMap<>();
  private final Function<String, CounterDataPoint> factory;

  /**
   * @param factory returns the counter for the name of a code; the same each time
   */
  CodeCounters(Function<String, CounterDataPoint> factory) {
    this.factory = factory;
  }

  CounterDataPoint of(Code code) {
    CounterDataPoint counter = byCode.get(code);
    if (counter == null) {
      counter = byCode.computeIfAbsent(code, absent -> factory.apply(absent.name()));
    }
    return counter;
  }
}
