package io.crirouter.examples.bench.load;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All figures of one run, as a table and as JSON. */
final class Report {
  private static final double CPU_TARGET = 60;
  private static final double IDLE_TARGET = 56;
  private static final double AFTER_LISTS_TARGET = 96;
  private static final double START_TARGET = 250;
  private static final double COLD_CPU_TARGET = 600;

  /** The other proxies, in the order of their columns. */
  private static final List<String> PROXIES =
      List.of(Contender.NGINX, Contender.FRAMES, Contender.PASS_THROUGH);

  private final Map<ColdStart.Pace, Map<String, List<ColdStart>>> cold = new LinkedHashMap<>();
  private final Map<String, Double> residentAfterLists = new LinkedHashMap<>();
  private final List<Curve> curves = new ArrayList<>();
  private @Nullable Rounds warm;

  private record Row(
      String what, Map<String, String> others, Spread own, String format, double target) {}

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

  /** The table of the targets. Ratios are medians of the rounds, with minimum and maximum. */
  String table() {
    List<Row> rows = rows();
    List<String> columns =
        Stream.concat(Stream.of(Contender.DIRECT), PROXIES.stream())
            .filter(other -> rows.stream().anyMatch(row -> row.others.containsKey(other)))
            .toList();
    StringBuilder table = new StringBuilder();
    table.append(line("", columns, Contender.CRIPROXY, "target", ""));
    for (Row row : rows) {
      List<String> others =
          columns.stream().map(column -> row.others.getOrDefault(column, "")).toList();
      String verdict = row.own.median() <= row.target ? "hit" : "missed";
      String target = String.format(Locale.ROOT, "<= " + row.format, row.target);
      table.append(line(row.what, others, row.own.text(row.format), target, verdict));
    }
    return table.toString();
  }

  private static String line(
      String what, List<String> others, String own, String target, String verdict) {
    StringBuilder line = new StringBuilder(String.format("%-47s", what));
    others.forEach(other -> line.append(String.format(" %-17s", other)));
    return line.append(String.format(" %-22s %-8s %s%n", own, target, verdict)).toString();
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
      Map<String, String> others =
          others(contender -> text(rounds.ratio(scenario, contender), "%.2f"));
      Spread direct = rounds.figure(scenario, Contender.DIRECT, Measured::medianMicros);
      others.put(Contender.DIRECT, String.format(Locale.ROOT, "%.0f us", direct.median()));
      rows.add(
          new Row(
              scenario.title(),
              others,
              rounds.ratio(scenario, Contender.CRIPROXY),
              "%.2f",
              scenario.target()));
    }
    Function<String, Spread> cpu =
        contender -> rounds.figure(Scenario.STATUS_PARALLEL, contender, Measured::cpuMillis);
    rows.add(row("CPU per 1,000 calls at 32 in flight, ms", cpu, CPU_TARGET));
    rows.add(row("RSS after 5 MB lists, MiB", this::resident, AFTER_LISTS_TARGET));
  }

  private static Row row(String what, Function<String, Spread> figure, double target) {
    return new Row(
        what,
        others(contender -> text(figure.apply(contender), "%.0f")),
        figure.apply(Contender.CRIPROXY),
        "%.0f",
        target);
  }

  /** The non-empty texts of the other proxies, by name. */
  private static Map<String, String> others(UnaryOperator<String> textOf) {
    Map<String, String> others = new HashMap<>();
    for (String other : PROXIES) {
      String text = textOf.apply(other);
      if (!text.isEmpty()) {
        others.put(other, text);
      }
    }
    return others;
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
    return row(what, contender -> coldFigure(paces, contender, figure), target);
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
