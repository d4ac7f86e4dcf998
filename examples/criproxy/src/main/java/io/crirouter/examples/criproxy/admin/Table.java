package io.crirouter.examples.criproxy.admin;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.Style;

/** Formats rows below a header in aligned columns. Numbers are right-aligned. Not thread-safe. */
final class Table {
  private static final int MAX_CELL_BYTES = 256;
  private static final String GAP = "  ";

  private final List<List<Cell>> rows = new ArrayList<>();

  /**
   * A cell.
   *
   * @param text its text
   * @param styles its colours on terminals
   */
  private record Cell(String text, List<Style> styles) {
    int width() {
      return text.codePointCount(0, text.length());
    }

    boolean isNumber() {
      return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
  }

  private List<Cell> row = new ArrayList<>();

  /** Creates a table with these columns. */
  Table(String... header) {
    for (String name : header) {
      add(name, Style.bold);
    }
    end();
  }

  /** Adds a cell to the row. */
  Table add(Object value, Style... styles) {
    row.add(new Cell(Screen.clean(String.valueOf(value), MAX_CELL_BYTES), List.of(styles)));
    return this;
  }

  /** Ends the row. */
  void end() {
    rows.add(row);
    row = new ArrayList<>();
  }

  boolean isEmpty() {
    return rows.size() == 1;
  }

  /** The formatted table, with line ends. */
  String text(Ansi ansi) {
    StringBuilder text = new StringBuilder();
    for (List<Cell> cells : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < cells.size(); column++) {
        Cell cell = cells.get(column);
        boolean isLast = column == cells.size() - 1;
        String space = " ".repeat(isLast && !isRight(column) ? 0 : width(column) - cell.width());
        String shown = Screen.styled(ansi, cell.text(), cell.styles());
        line.append(column == 0 ? "" : GAP);
        line.append(isRight(column) ? space + shown : shown + space);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private int width(int column) {
    return rows.stream().mapToInt(cells -> cells.get(column).width()).max().orElse(0);
  }

  private boolean isRight(int column) {
    return !isEmpty() && rows.stream().skip(1).allMatch(cells -> cells.get(column).isNumber());
  }
}
