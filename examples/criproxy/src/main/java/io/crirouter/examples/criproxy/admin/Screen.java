package io.crirouter.examples.criproxy.admin;

import io.crirouter.examples.criproxy.logging.CleanText;
import java.util.List;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.IStyle;
import picocli.CommandLine.Help.Ansi.Style;

/** Formats text for operators, on a terminal or not. */
final class Screen {
  private static final int WIDTH = 100;

  private Screen() {}

  /** Removes control characters from text of runtimes and clients. */
  static String clean(String text, int maxBytes) {
    return CleanText.of(text, maxBytes);
  }

  /** With colours if {@code ansi} has them. */
  static String styled(Ansi ansi, String text, List<Style> styles) {
    if (!ansi.enabled() || styles.isEmpty()) {
      return text;
    }
    IStyle[] all = styles.toArray(IStyle[]::new);
    return Style.on(all) + text + Style.off(all);
  }

  /** The colour of a runtime's state. */
  static Style ofState(String state) {
    return switch (state) {
      case "ready" -> Style.fg_green;
      case "lost" -> Style.fg_red;
      default -> Style.fg_yellow;
    };
  }

  /** Wraps text at 100 columns, between words. All lines but the first get the indent. */
  static String wrapped(String text, String indent) {
    StringBuilder lines = new StringBuilder();
    int start = 0;
    for (String word : text.split("(?<=\\S) ", -1)) {
      if (lines.length() > start && lines.length() - start + 1 + word.length() > WIDTH) {
        lines.append('\n');
        start = lines.length();
        lines.append(indent);
      } else if (lines.length() > start) {
        lines.append(' ');
      }
      lines.append(word);
    }
    return lines.append('\n').toString();
  }
}
