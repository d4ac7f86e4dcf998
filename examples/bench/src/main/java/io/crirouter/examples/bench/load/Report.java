package io.crirouter.examples.bench.load;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** All figures of one run, as a table and as JSON. */
final class Report {
  private static final double CPU_TARGET = 60;
  private static final double IDLE_TARGET = 56;
  private static final double AFTER_LISTS_TARGET = 96;
  private static final double START_TARGET = 250;
  private static final double COLD_CPU_TARGET = 600;

  private final Map<ColdStart.Pace, Map<String, List<ColdStart>>> cold = new LinkedHashMap<>();
  private final Map<String, Double> residentAfterLists = new LinkedHashMap<>();
  private final List<Curve> curves = new ArrayList<>();
  private @Nullable Rounds warm;

  private record Row(
      String what,
      String direct,
      String nginx,
      String floor,
      Spread own,
      String format,
      double target) {}

  void addCold(String contender, ColdStart.Pace pace, ColdStart start) {
    cold.computeIfAbsent(pace, key -> new LinkedHashMap<>())
        .computeIfAbsent(contender, key -> new ArrayList<>())
        .add(start);
  }

  void addWarm(Rounds rounds) {
    warm = rounds;
  }

  void addCurves(List<Curve> measured) {
    curves.addAll(measured);
  }

  List<Curve> curves() {
    return curves;
  }

  void addResidentAfterLists(String contender, double mib) {
    residentAfterLists.put(contender, mib);
  }

  /** The table of the targets; ratios are medians over rounds, with the least and the most. */
  String table() {
    StringBuilder table = new StringBuilder();
    table.append(line("", "direct", "nginx", "grpc-java", "criproxy", "target", ""));
    for (Row row : rows()) {
      String verdict = row.own.median() <= row.target ? "hit" : "missed";
      String target = String.format(Locale.ROOT, "<= " + row.format, row.target);
      table.append(
          line(
              row.what,
              row.direct,
              row.nginx,
              row.floor,
              row.own.text(row.format),
              target,
              verdict));
    }
    return table.toString();
  }

  private static String line(Object... cells) {
    return String.format("%-46s %9s  %-20s %-20s %-22s %-9s %s%n", cells);
  }

  private List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    if (warm != null) {
      addWarmRows(warm, rows);
    }
    if (!cold.isEmpty()) {
      addColdRows(rows);
    }
    rows.removeIf(row -> Double.isNaN(row.own.median()));
    return rows;
  }

  private void addWarmRows(Rounds rounds, List<Row> rows) {
    for (Scenario scenario : rounds.scenarios()) {
      Spread direct = rounds.figure(scenario, Contender.DIRECT, Measured::medianMicros);
      rows.add(
          new Row(
              scenario.title(),
              String.format(Locale.ROOT, "%.0f us", direct.median()),
              text(rounds.ratio(scenario, Contender.NGINX), "%.2f"),
              text(rounds.ratio(scenario, Contender.PASS_THROUGH), "%.2f"),
              rounds.ratio(scenario, Contender.CRIPROXY),
              "%.2f",
              scenario.target()));
    }
    Scenario crowded = Scenario.STATUS_CROWDED;
    rows.add(
        new Row(
            "CPU per 1,000 calls at 32 in flight, ms",
            "",
            text(rounds.figure(crowded, Contender.NGINX, Measured::cpuMillis), "%.0f"),
            text(rounds.figure(crowded, Contender.PASS_THROUGH, Measured::cpuMillis), "%.0f"),
            rounds.figure(crowded, Contender.CRIPROXY, Measured::cpuMillis),
            "%.0f",
            CPU_TARGET));
    rows.add(
        new Row(
            "RSS after 5 MB lists, MiB",
            "",
            text(resident(Contender.NGINX), "%.0f"),
            text(resident(Contender.PASS_THROUGH), "%.0f"),
            resident(Contender.CRIPROXY),
            "%.0f",
            AFTER_LISTS_TARGET));
  }

  private void addColdRows(List<Row> rows) {
    rows.add(coldRow("RSS idle, MiB", List.copyOf(cold.keySet()), ColdStart::idleMib, IDLE_TARGET));
    rows.add(
        coldRow(
            "start to first answered call, ms",
            List.copyOf(cold.keySet()),
            ColdStart::startMillis,
            START_TARGET));
    for (ColdStart.Pace pace : cold.keySet()) {
      rows.add(
          coldRow(
              "CPU per 1,000 calls when fresh, " + pace.title() + ", ms",
              List.of(pace),
              ColdStart::cpuMillis,
              COLD_CPU_TARGET));
    }
  }

  private Row coldRow(
      String what, List<ColdStart.Pace> paces, ToDoubleFunction<ColdStart> figure, double target) {
    return new Row(
        what,
        "",
        text(coldFigure(paces, Contender.NGINX, figure), "%.0f"),
        "",
        coldFigure(paces, Contender.CRIPROXY, figure),
        "%.0f",
        target);
  }

  private Spread coldFigure(
      List<ColdStart.Pace> paces, String contender, ToDoubleFunction<ColdStart> figure) {
    return Spread.of(
        paces.stream()
            .flatMap(
                pace ->
                    cold.getOrDefault(pace, Map.of()).getOrDefault(contender, List.of()).stream())
            .mapToDouble(figure)
            .boxed()
            .toList());
  }

  private Spread resident(String contender) {
    Double mib = residentAfterLists.get(contender);
    return Spread.of(mib == null ? List.of() : List.of(mib));
  }

  private static String text(Spread spread, String format) {
    return Double.isNaN(spread.median()) ? "" : spread.text(format);
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    Map<String, Object> table = new LinkedHashMap<>();
    for (Row row : rows()) {
      Map<String, Object> entry = new LinkedHashMap<>(row.own.toJson());
      entry.put("target", row.target);
      entry.put("hit", row.own.median() <= row.target);
      table.put(row.what, entry);
    }
    json.put("targets", table);
    if (warm != null) {
      json.put("warm", warm.toJson());
    }
    curves.forEach(curve -> json.put(curve.title(), curve.toJson()));
    return json;
  }
}
