package io.crirouter.examples.bench.load;

import java.util.function.Function;

/**
 * One measurement of one contender.
 *
 * @param medianMicros the median time of a call
 * @param tailMicros the 99th percentile of the time of a call
 * @param perSecond calls per second
 * @param cpuMillis CPU time of the proxy per 1,000 calls; 0 without a proxy
 * @param clientMillis CPU time of this process per 1,000 calls
 */
record Measured(
    double medianMicros,
    double tailMicros,
    double perSecond,
    double cpuMillis,
    double clientMillis) {

  static Measured of(Contender contender, Function<Caller, Sample> load) {
    Daemon daemon = contender.daemon();
    ProcessCost clientBefore = ProcessCost.ofThis();
    ProcessCost before = daemon == null ? clientBefore : daemon.cost();
    Sample sample = load.apply(contender.caller());
    double cpu = daemon == null ? 0 : daemon.cost().cpuMillisSince(before);
    double client = ProcessCost.ofThis().cpuMillisSince(clientBefore);
    double thousands = sample.count() / 1e3;
    return new Measured(
        sample.medianMicros(),
        sample.quantileMicros(0.99),
        sample.perSecond(),
        cpu / thousands,
        client / thousands);
  }
}
