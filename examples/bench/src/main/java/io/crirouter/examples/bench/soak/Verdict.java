package io.crirouter.examples.bench.soak;

import io.crirouter.examples.bench.soak.Latencies.Kind;
import io.crirouter.examples.bench.soak.ProxyProcess.Usage;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** What was measured, and the bars that it missed. */
final class Verdict {
  private static final double MAX_RESIDENT_MIB = 256;
  private static final double RESIDENT_GROWTH = 1.10;
  private static final int DESCRIPTOR_GROWTH = 8;
  private static final double MAX_P99_RATIO = 3;

  private final StringBuilder table = new StringBuilder();
  private final List<String> missed = new ArrayList<>();

  /** Memory and descriptors: the last third of the soak against its first. */
  void judgeUsage(Usage before, List<Usage> usage) {
    int third = usage.size() / 3;
    List<Usage> first = usage.subList(0, third);
    List<Usage> last = usage.subList(usage.size() - third, usage.size());
    double peak = max(usage, Usage::residentMib);
    line("memory before, MiB", before.residentMib());
    line("memory, first third, MiB at most", max(first, Usage::residentMib));
    line("memory, last third, MiB at most", max(last, Usage::residentMib));
    line("descriptors before", before.descriptors());
    line("descriptors, first third, at most", max(first, Usage::descriptors));
    line("descriptors, last third, at most", max(last, Usage::descriptors));
    line("lines logged", (double) usage.get(usage.size() - 1).logLines() - before.logLines());
    expect(peak < MAX_RESIDENT_MIB, "memory stays below " + MAX_RESIDENT_MIB + " MiB");
    expect(
        max(last, Usage::residentMib) <= RESIDENT_GROWTH * max(first, Usage::residentMib),
        "memory does not grow by more than a tenth");
    expect(
        max(last, Usage::descriptors) <= max(first, Usage::descriptors) + DESCRIPTOR_GROWTH,
        "descriptors do not grow by more than " + DESCRIPTOR_GROWTH);
  }

  private static double max(List<Usage> usage, ToDoubleFunction<Usage> what) {
    return usage.stream().mapToDouble(what).max().orElse(0);
  }

  void judgeFailures(int failures) {
    line("failures of the good client", failures);
    expect(failures == 0, "no call of the good client fails");
  }

  /**
   * Latencies of the soak against those without runtimes that behave badly.
   *
   * @param strictly whether their ratio is judged, rather than only told
   */
  void judgeLatencies(Latencies before, Latencies during, boolean strictly) {
    for (Kind kind : Kind.values()) {
      // Few calls, of which the first of each rpc waits for the runtime that has just begun to
      // hang.
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
        title + ": the 99th percentile is at most three times what it was");
  }

  private void line(String what, double value) {
    table.append(String.format(Locale.ROOT, "%-34s %9.0f%n", what, value));
  }

  private void expect(boolean holds, String bar) {
    if (!holds) {
      missed.add(bar);
    }
  }

  boolean isGood() {
    return missed.isEmpty();
  }

  @Override
  public String toString() {
    StringBuilder all = new StringBuilder(table);
    missed.forEach(bar -> all.append("MISSED: ").append(bar).append('\n'));
    return all.append(isGood() ? "all bars are kept\n" : "").toString();
  }
}
