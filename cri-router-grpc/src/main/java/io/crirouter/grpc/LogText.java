package io.crirouter.grpc;

import org.jspecify.annotations.Nullable;

/** Texts of clients and runtimes as they may stand in a log: short, and on one line. */
final class LogText {
  /** As much of a text as is logged. */
  static final int MAX_CHARS = 1024;

  private static final int MAX_CAUSES = 4;

  private LogText() {}

  /**
   * {@code text} without what could forge a line or command a terminal, and cut to 1,024
   * characters.
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

  /** Format characters can reverse what is read, separators can end a line. */
  private static boolean isHarmless(char c) {
    int type = Character.getType(c);
    return type != Character.CONTROL
        && type != Character.FORMAT
        && type != Character.LINE_SEPARATOR
        && type != Character.PARAGRAPH_SEPARATOR
        && type != Character.SURROGATE
        && type != Character.UNASSIGNED;
  }

  /** A copy of {@code failure}, with its causes, whose texts are clean. */
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
    @SuppressWarnings("OverrideThrowableToString") // It begins with the original's class.
    public String toString() {
      return text;
    }
  }
}
