package io.crirouter.examples.criproxy.bootstrap;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads and edits flags in environment files and systemd units. All other text and comment lines
 * stay unchanged.
 */
final class FlagText {
  private static final int SPACE_BEFORE = 1;
  private static final int FLAG = 2;
  private static final int VALUE = 3;
  private static final int SPACE_AFTER = 4;

  private FlagText() {}

  private static Pattern pattern(String flag) {
    return Pattern.compile(
        "([ \\t]?)(?<![\\w-])(" + Pattern.quote(flag) + "(?:=|[ \\t]+))([^\\s\"'\\\\]*)([ \\t]?)");
  }

  private static boolean isComment(String line) {
    return line.startsWith("#") || line.startsWith(";");
  }

  /** The values of a flag in their order; the last one is effective. */
  static List<String> values(String text, String flag) {
    return text.lines()
        .filter(line -> !isComment(line))
        .flatMap(line -> pattern(flag).matcher(line).results())
        .map(found -> found.group(VALUE))
        .toList();
  }

  /** The text with another value of the flag in all places. */
  static String replace(String text, String flag, String value) {
    return edit(
        text,
        flag,
        found -> found.group(SPACE_BEFORE) + found.group(FLAG) + value + found.group(SPACE_AFTER));
  }

  /** The text without the flag. */
  static String remove(String text, String flag) {
    return edit(
        text,
        flag,
        found ->
            found.group(SPACE_BEFORE).isEmpty() || found.group(SPACE_AFTER).isEmpty() ? "" : " ");
  }

  private static String edit(String text, String flag, Function<MatchResult, String> replacement) {
    Pattern pattern = pattern(flag);
    return text.lines()
            .map(
                line ->
                    isComment(line)
                        ? line
                        : pattern
                            .matcher(line)
                            .replaceAll(
                                found -> Matcher.quoteReplacement(replacement.apply(found))))
            .collect(joining("\n"))
        + (text.endsWith("\n") ? "\n" : "");
  }

  /**
   * The text with the flag as the first one of the variable {@code name}; empty if it is missing.
   */
  static Optional<String> add(String text, String name, String flag, String value) {
    Matcher variable = Pattern.compile("(?m)^" + Pattern.quote(name) + "=([\"'])").matcher(text);
    if (!variable.find()) {
      return Optional.empty();
    }
    String rest = text.substring(variable.end());
    String space = rest.startsWith(variable.group(1)) ? "" : " ";
    return Optional.of(text.substring(0, variable.end()) + flag + "=" + value + space + rest);
  }
}
