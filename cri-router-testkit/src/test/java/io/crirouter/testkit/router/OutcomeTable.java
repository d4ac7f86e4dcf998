package io.crirouter.testkit.router;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The table of outcomes in {@code docs/behaviour.md}, with one column for each kind of fault. Calls
 * with the same outcomes share a line. A cell may have two outcomes, separated by "or".
 *
 * @param cells the cells of each call, by column heading
 */
record OutcomeTable(Map<String, Map<String, String>> cells) {
  private static final String BEGIN = "<!-- table of outcomes: FailureMatrixTest -->";
  private static final String END = "<!-- end of the table of outcomes -->";
  private static final String OR = " or ";
  private static final String SAME_LINE = "<br>";

  /** Surefire sets the folder of the module. An IDE starts tests in it. */
  private static final Path PAGE =
      Path.of(System.getProperty("basedir", ""), "..", "docs", "behaviour.md");

  private static List<String> columns() {
    return Arrays.stream(Fault.values()).map(Fault::column).distinct().toList();
  }

  /** Reads the table from the page. */
  static OutcomeTable read() throws IOException {
    List<String> lines = section().lines().filter(line -> line.startsWith("| ")).skip(1).toList();
    Map<String, Map<String, String>> cells = new LinkedHashMap<>();
    for (String line : lines) {
      List<String> parts =
          Arrays.stream(line.substring(1).split("\\|", -1)).map(String::strip).toList();
      Map<String, String> outcomes = new LinkedHashMap<>();
      for (int i = 0; i < columns().size(); i++) {
        outcomes.put(columns().get(i), parts.get(i + 1));
      }
      for (String label : parts.get(0).split(SAME_LINE, -1)) {
        cells.put(label, outcomes);
      }
    }
    return new OutcomeTable(cells);
  }

  /** The text between the markers of the page. */
  static String section() throws IOException {
    String page = Files.readString(PAGE);
    return page.substring(page.indexOf(BEGIN) + BEGIN.length() + 1, page.indexOf(END));
  }

  /** Writes the table to the page. */
  void write() throws IOException {
    String page = Files.readString(PAGE);
    Files.writeString(
        PAGE,
        page.substring(0, page.indexOf(BEGIN) + BEGIN.length() + 1)
            + render()
            + page.substring(page.indexOf(END)));
  }

  /** The table in Markdown. */
  String render() {
    Map<Map<String, String>, Set<String>> alike = new LinkedHashMap<>();
    cells.forEach(
        (label, outcomes) ->
            alike.computeIfAbsent(outcomes, key -> new LinkedHashSet<>()).add(label));
    StringBuilder table = new StringBuilder();
    line(table, "call", columns());
    table.append("|---".repeat(columns().size() + 1)).append("|\n");
    alike.forEach(
        (outcomes, labels) ->
            line(
                table,
                String.join(SAME_LINE, labels),
                columns().stream().map(column -> outcomes.getOrDefault(column, "")).toList()));
    return table.toString();
  }

  private static void line(StringBuilder table, String first, List<String> rest) {
    table
        .append("| ")
        .append(Stream.concat(Stream.of(first), rest.stream()).collect(Collectors.joining(" | ")))
        .append(" |\n");
  }

  /** The allowed outcomes of {@code row} with {@code fault}. */
  List<String> outcomes(MatrixRow row, Fault fault) {
    String cell = cells.getOrDefault(row.label(), Map.of()).get(fault.column());
    if (cell == null) {
      throw new AssertionError("docs/behaviour.md does not say what becomes of " + row.label());
    }
    return List.of(cell.split(OR, -1));
  }

  /** Adds an outcome. */
  void add(MatrixRow row, Fault fault, String outcome) {
    cells
        .computeIfAbsent(row.label(), label -> new LinkedHashMap<>())
        .merge(
            fault.column(),
            outcome,
            (before, now) ->
                List.of(before.split(OR, -1)).contains(now) ? before : before + OR + now);
  }
}
