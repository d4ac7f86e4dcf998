package io.crirouter.examples.criproxy.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.UncheckedIOException;
import java.text.MessageFormat;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One thing to be said: a line, and below it the stack trace of what must be a mistake of ours. The
 * journal adds the time.
 */
final class LogEntry {
  /** What each text of others can have. */
  static final int MAX_TEXT_BYTES = 1 << 10;

  /** What all of it can have, with its line ends. */
  static final int MAX_BYTES = 8 << 10;

  private static final int MAX_CAUSES = 5;
  private static final int MAX_FRAMES = 30;

  /** For the remark that a text was cut, and the line end. */
  private static final int REMARK_BYTES = 64;

  private static final String FRAME = "    at ";

  private final String logger;
  private final System.Logger.Level level;
  private final String format;
  private final @Nullable Object @Nullable [] parameters;
  private final @Nullable Throwable thrown;

  /**
   * What {@code logger} has to say.
   *
   * @param level how bad it is
   * @param format the text; with parameters, a {@link MessageFormat}
   * @param parameters null if there are none
   * @param thrown null if nothing was
   */
  LogEntry(
      String logger,
      System.Logger.Level level,
      String format,
      @Nullable Object @Nullable [] parameters,
      @Nullable Throwable thrown) {
    this.logger = logger;
    this.level = level;
    this.format = format;
    this.parameters = parameters;
    this.thrown = thrown;
  }

  String logger() {
    return logger;
  }

  System.Logger.Level level() {
    return level;
  }

  /** The text before anything is filled in: what is the same when the same is said again. */
  String format() {
    return format;
  }

  /** All of it, in UTF-8. */
  byte[] bytes() {
    StringBuilder line = new StringBuilder(name()).append(' ').append(message());
    int causes = 0;
    for (Throwable cause = thrown; cause != null && causes < MAX_CAUSES; cause = cause.getCause()) {
      line.append(": ").append(CleanText.of(text(cause), MAX_TEXT_BYTES));
      causes++;
    }
    StringBuilder all = new StringBuilder();
    all.append(CleanText.of(line.toString(), MAX_BYTES - REMARK_BYTES)).append('\n');
    if (thrown != null && isOurMistake(thrown)) {
      appendFrames(all, thrown);
    }
    return all.toString().getBytes(UTF_8);
  }

  private String name() {
    if (level.compareTo(System.Logger.Level.ERROR) >= 0) {
      return "error";
    }
    if (level == System.Logger.Level.WARNING) {
      return "warn ";
    }
    return level == System.Logger.Level.INFO ? "info " : "debug";
  }

  private String message() {
    if (parameters == null || parameters.length == 0) {
      return CleanText.of(format, MAX_TEXT_BYTES);
    }
    Object[] clean =
        Arrays.stream(parameters)
            .map(each -> each instanceof Number ? each : CleanText.of(text(each), MAX_TEXT_BYTES))
            .toArray();
    try {
      return MessageFormat.format(format, clean);
    } catch (IllegalArgumentException e) {
      return CleanText.of(format, MAX_TEXT_BYTES) + " " + Arrays.toString(clean);
    }
  }

  /** Whoever logs must not fail because something cannot be shown. */
  private static String text(@Nullable Object shown) {
    try {
      return String.valueOf(shown);
    } catch (RuntimeException e) {
      return "(a " + (shown == null ? "null" : shown.getClass().getName()) + ")";
    }
  }

  /** Connections break, disks are full: that needs no stack trace, nor does a library's word. */
  private boolean isOurMistake(Throwable failure) {
    return logger.startsWith("io.crirouter")
        && (failure instanceof RuntimeException || failure instanceof Error)
        && !(failure instanceof UncheckedIOException);
  }

  private static void appendFrames(StringBuilder all, Throwable failure) {
    int bytes = all.toString().getBytes(UTF_8).length;
    StackTraceElement[] frames = failure.getStackTrace();
    for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
      String frame = FRAME + CleanText.of(frames[i].toString(), MAX_TEXT_BYTES) + "\n";
      bytes += frame.getBytes(UTF_8).length;
      if (bytes > MAX_BYTES) {
        return;
      }
      all.append(frame);
    }
  }
}
