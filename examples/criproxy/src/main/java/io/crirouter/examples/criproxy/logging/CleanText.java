package io.crirouter.examples.criproxy.logging;

/**
 * Escapes and shortens text of runtimes, clients and pods for the log: line ends cannot forge
 * lines, and escape sequences cannot control a terminal.
 */
public final class CleanText {
  private CleanText() {}

  /** At most {@code maxBytes} of {@code text} in UTF-8. A cut text ends with its full length. */
  public static String of(String text, int maxBytes) {
    StringBuilder clean = new StringBuilder(Math.min(text.length(), maxBytes));
    int bytes = 0;
    int next = 0;
    while (next < text.length()) {
      int character = text.codePointAt(next);
      String escaped = escaped(character);
      bytes += bytes(character, escaped);
      if (bytes > maxBytes) {
        return clean.append("...(").append(text.length()).append(" characters)").toString();
      }
      clean.append(escaped);
      next += Character.charCount(character);
    }
    return clean.toString();
  }

  private static int bytes(int character, String escaped) {
    if (escaped.length() > 2 || character < 0x80) {
      return escaped.length();
    }
    if (character < 0x800) {
      return 2;
    }
    return character < 0x10000 ? 3 : 4;
  }

  private static String escaped(int character) {
    return switch (character) {
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      default ->
          isHarmless(character) ? Character.toString(character) : "\\u%04x".formatted(character);
    };
  }

  private static boolean isHarmless(int character) {
    return switch (Character.getType(character)) {
      // FORMAT contains the characters that change the writing direction.
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
