package io.crirouter.grpc;

import org.jspecify.annotations.Nullable;

/** Makes texts of clients and runtimes safe for a log: short, and on one line. */
final class LogText {
  /** The characters of a text that are logged. */
  static final int MAX_CHARS = 1024;

  private static final int MAX_CAUSES = 4;

  private LogText() {}

  /**
   * Returns {@code text} cut to 1,024 characters, with escapes for characters that could forge a
   * line or control a terminal.
   */
  static String clean(String text) {
    int end = Math.min(text.length(), MAX_CHARS);
    StringBuilder clean = new StringBuilder(end);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (isHarmless(c)) {
        clean.append(c);
      } else {
        clean.append(String.format("\\u%04x", (int) c));
      }
    }
    if (end < text.length()) {
      clean.append("... (").append(text.length()).append(" characters)");
    }
    return clean.toString();
  }

  /** Format characters can reverse the direction of text. Separators can end a line. */
  private static boolean isHarmless(char c) {
    int type = Character.getType(c);
    return type != Character.CONTROL
        && type != Character.FORMAT
        && type != Character.LINE_SEPARATOR
        && type != Character.PARAGRAPH_SEPARATOR
        && type != Character.SURROGATE
        && type != Character.UNASSIGNED;
  }

  /** Returns a copy of {@code failure} and its causes with clean texts. */
  static Throwable clean(Throwable failure) {
    return new Copy(failure, MAX_CAUSES);
  }

  private static final class Copy extends Throwable {
    private final String text;

    Copy(Throwable original, int causes) {
      super(null, copyOf(original.getCause(), causes - 1), false, true);
      this.text = LogText.clean(original.toString());
      setStackTrace(original.getStackTrace());
    }

    private static @Nullable Throwable copyOf(@Nullable Throwable cause, int causes) {
      return cause == null || causes == 0 ? null : new Copy(cause, causes);
    }

    @Override
    @SuppressWarnings("OverrideThrowableToString") // The text starts with the original's class.
    public String toString() {
      return text;
    }
  }
}
