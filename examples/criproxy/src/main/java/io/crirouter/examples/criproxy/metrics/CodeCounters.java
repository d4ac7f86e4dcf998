package io.crirouter.examples.criproxy.metrics;

import io.crirouter.core.RpcStatus.Code;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;

/** A counter for each code, made when it is needed. Thread-safe. */
final class CodeCounters {
  private final AtomicReferenceArray<CounterDataPoint> byCode =
      new AtomicReferenceArray<>(Code.values().length);
  private final Function<String, CounterDataPoint> maker;

  /**
   * @param maker the counter for the name of a code; the same each time
   */
  CodeCounters(Function<String, CounterDataPoint> maker) {
    this.maker = maker;
  }

  CounterDataPoint of(Code code) {
    CounterDataPoint counter = byCode.get(code.ordinal());
    if (counter == null) {
      counter = maker.apply(code.name());
      byCode.set(code.ordinal(), counter);
    }
    return counter;
  }
}
