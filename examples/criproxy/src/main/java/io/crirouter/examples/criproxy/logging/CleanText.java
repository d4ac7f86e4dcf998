package io.crirouter.examples.criproxy.logging;

/**
 * Makes text of runtimes, clients and pods fit for the log: line ends cannot forge lines, escape
 * sequences cannot reach a terminal, and no text is endless.
 */
public final class CleanText {
  private CleanText() {}

  /** At most {@code maxBytes} of {@code text} in UTF-8, and then how long it was. */
  public static String of(String text, int maxBytes) {
    StringBuilder clean = new StringBuilder(Math.min(text.length(), maxBytes));
    int bytes = 0;
    int next = 0;
    while (next < text.length()) {
      int character = text.codePointAt(next);
      String shown = shown(character);
      bytes += bytes(character, shown);
      if (bytes > maxBytes) {
        return clean.append("...(").append(text.length()).append(" characters)").toString();
      }
      clean.append(shown);
      next += Character.charCount(character);
    }
    return clean.toString();
  }

  private static int bytes(int character, String shown) {
    if (shown.length() > 2 || character < 0x80) {
      return shown.length();
    }
    if (character < 0x800) {
      return 2;
    }
    return character < 0x10000 ? 3 : 4;
  }

  private static String shown(int character) {
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
      // FORMAT has what turns the direction of writing, for one.
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
