package io.crirouter.examples.bench.soak;

import static io.crirouter.examples.bench.ProcessUsage.max;
import static io.crirouter.examples.bench.ProcessUsage.maxOfFirstThird;
import static io.crirouter.examples.bench.ProcessUsage.maxOfLastThird;

import io.crirouter.examples.bench.ProcessUsage;
import io.crirouter.examples.bench.soak.Latencies.Kind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The measured values, and the criteria that are not met. */
final class Verdict {
  private static final double MAX_RESIDENT_MIB = 256;
  private static final double RESIDENT_GROWTH = 1.10;
  private static final int DESCRIPTOR_GROWTH = 8;
  private static final double MAX_P99_RATIO = 3;

  private final StringBuilder table = new StringBuilder();
  private final List<String> notMet = new ArrayList<>();

  /** Compares memory and descriptors in the last third of the soak with those in the first. */
  void judgeUsage(ProcessUsage before, List<ProcessUsage> usage) {
    double firstMib = maxOfFirstThird(usage, ProcessUsage::residentMib);
    double lastMib = maxOfLastThird(usage, ProcessUsage::residentMib);
    double firstDescriptors = maxOfFirstThird(usage, ProcessUsage::descriptors);
    double lastDescriptors = maxOfLastThird(usage, ProcessUsage::descriptors);
    line("memory before, MiB", before.residentMib());
    line("memory, first third, MiB at most", firstMib);
    line("memory, last third, MiB at most", lastMib);
    line("descriptors before", before.descriptors());
    line("descriptors, first third, at most", firstDescriptors);
    line("descriptors, last third, at most", lastDescriptors);
    expect(
        max(usage, ProcessUsage::residentMib) < MAX_RESIDENT_MIB,
        "memory stays below " + MAX_RESIDENT_MIB + " MiB");
    expect(lastMib <= RESIDENT_GROWTH * firstMib, "memory does not grow by more than a tenth");
    expect(
        lastDescriptors <= firstDescriptors + DESCRIPTOR_GROWTH,
        "descriptors do not grow by more than " + DESCRIPTOR_GROWTH);
  }

  void reportLogLines(int lines) {
    line("lines logged", lines);
  }

  void judgeFailures(int failures) {
    line("failures of the kubelet", failures);
    expect(failures == 0, "no call of the kubelet fails");
  }

  /**
   * Compares the latencies of the soak with those before it, without faulty runtimes.
   *
   * @param strictly whether their ratio is judged, rather than only reported
   */
  void judgeLatencies(Latencies before, Latencies during, boolean strictly) {
    for (Kind kind : Kind.values()) {
      // There are few calls. The first of each rpc waits for the runtime that has started to hang.
      boolean isJudged = strictly && kind != Kind.IMAGES_AND_STATS;
      judgeLatencies(kind.title, EnumSet.of(kind), before, during, isJudged);
    }
    judgeLatencies("all of them", EnumSet.allOf(Kind.class), before, during, strictly);
  }

  private void judgeLatencies(
      String title, Set<Kind> kinds, Latencies before, Latencies during, boolean isJudged) {
    double p99 = during.quantile(kinds, 0.99);
    double ratio = p99 / before.quantile(kinds, 0.99);
    table.append(
        String.format(
            Locale.ROOT,
            "%-34s p50 %7.2f -> %7.2f ms   p99 %7.2f -> %7.2f ms   (%.1f times; %d calls)%n",
            title,
            before.quantile(kinds, 0.5),
            during.quantile(kinds, 0.5),
            before.quantile(kinds, 0.99),
            p99,
            ratio,
            during.count(kinds)));
    expect(
        !isJudged || ratio <= MAX_P99_RATIO,
        title + ": the 99th percentile is at most three times that without faulty runtimes");
  }

  private void line(String what, double value) {
    table.append(String.format(Locale.ROOT, "%-34s %9.0f%n", what, value));
  }

  private void expect(boolean holds, String criterion) {
    if (!holds) {
      notMet.add(criterion);
    }
  }

  boolean isGood() {
    return notMet.isEmpty();
  }

  @Override
  public String toString() {
    StringBuilder all = new StringBuilder(table);
    notMet.forEach(criterion -> all.append("NOT MET: ").append(criterion).append('\n'));
    return all.append(isGood() ? "all criteria are met\n" : "").toString();
  }
}
