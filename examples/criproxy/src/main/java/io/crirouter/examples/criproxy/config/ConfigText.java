package io.crirouter.examples.criproxy.config;

import io.crirouter.examples.criproxy.config.ConfigNode.Items;
import io.crirouter.examples.criproxy.config.ConfigNode.Table;
import io.crirouter.examples.criproxy.config.ConfigNode.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Writes a configuration as YAML, with the origin of each value as a comment. */
final class ConfigText {
  private static final int COMMENT_COLUMN = 56;

  /** Text that YAML reads as the same text without quotes. */
  private static final Pattern PLAIN =
      Pattern.compile(
          "(?!0[0-9]|null$|true$|false$)[A-Za-z0-9/][A-Za-z0-9/._-]*(:[A-Za-z0-9/._-]+)*");

  /**
   * A line.
   *
   * @param text the line without its comment
   * @param comment the comment; may be empty
   */
  private record Line(String text, String comment) {
    Line withPrefix(String prefix) {
      return new Line(prefix + text, comment);
    }

    String toYaml() {
      if (comment.isEmpty()) {
        return text + "\n";
      }
      return text + " ".repeat(Math.max(1, COMMENT_COLUMN - text.length())) + "# " + comment + "\n";
    }
  }

  private ConfigText() {}

  static String of(Table root) {
    StringBuilder yaml = new StringBuilder();
    lines(root).forEach(line -> yaml.append(line.toYaml()));
    return yaml.toString();
  }

  private static List<Line> lines(ConfigNode node) {
    List<Line> lines = new ArrayList<>();
    if (node instanceof Text text) {
      lines.add(new Line(quoted(text.value()), text.origin().brief()));
    } else if (node instanceof Items items) {
      items.values().forEach(item -> addItem(item, lines));
    } else if (node instanceof Table table) {
      table.entries().forEach((key, entry) -> addEntry(quoted(key) + ":", entry.value(), lines));
    }
    return lines;
  }

  private static void addItem(ConfigNode item, List<Line> lines) {
    String prefix = "- ";
    for (Line line : lines(item)) {
      lines.add(line.withPrefix(prefix));
      prefix = "  ";
    }
  }

  private static void addEntry(String key, ConfigNode value, List<Line> lines) {
    List<Line> below = lines(value);
    if (value instanceof Text) {
      lines.add(below.get(0).withPrefix(key + " "));
      return;
    }
    lines.add(new Line(key, ""));
    below.forEach(line -> lines.add(line.withPrefix("  ")));
  }

  private static String quoted(String text) {
    if (PLAIN.matcher(text).matches()) {
      return text;
    }
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            point -> {
              if (point == '"' || point == '\\') {
                quoted.append('\\').appendCodePoint(point);
              } else if (Character.isISOControl(point)) {
                quoted.append(String.format("\\u%04x", point));
              } else {
                quoted.appendCodePoint(point);
              }
            });
    return quoted.append('"').toString();
  }
}
