package io.crirouter.examples.criproxy.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.UncheckedIOException;
import java.text.MessageFormat;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One thing to be said: a line, and below it the stack trace of what must be a mistake of ours. */
final class LogEntry {
  /** What each text of others can have. */
  static final int MAX_TEXT_BYTES = 1 << 10;

  /** What all of it can have, with its line ends. */
  static final int MAX_BYTES = 8 << 10;

  private static final int MAX_CAUSES = 5;
  private static final int MAX_FRAMES = 30;

  /** For the remark that a text was cut, and the line end. */
  private static final int REMARK_BYTES = 64;

  /** What a frame has besides its text. */
  private static final int FRAME_BYTES = 8;

  private final String logger;
  private final System.Logger.Level level;
  private final String format;
  private final @Nullable Object @Nullable [] parameters;
  private final @Nullable Throwable thrown;
  private final Instant time = Instant.now();

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

  /** When it was said. */
  Instant time() {
    return time;
  }

  /** The parameters that have names. */
  List<LogField> fields() {
    return parameters == null
        ? List.of()
        : Arrays.stream(parameters)
            .filter(LogField.class::isInstance)
            .map(LogField.class::cast)
            .toList();
  }

  /** All of it in lines for people, in UTF-8, without the time. */
  byte[] bytes() {
    String start = String.format("%-5s ", name(level));
    StringBuilder all = new StringBuilder();
    all.append(start).append(clipped(line(), start.length())).append('\n');
    frames().forEach(frame -> all.append("    at ").append(frame).append('\n'));
    return all.toString().getBytes(UTF_8);
  }

  /** The text with what was thrown, in one line without its end. */
  String line() {
    StringBuilder line = new StringBuilder(message());
    int causes = 0;
    for (Throwable cause = thrown; cause != null && causes < MAX_CAUSES; cause = cause.getCause()) {
      line.append(": ").append(CleanText.of(text(cause), MAX_TEXT_BYTES));
      causes++;
    }
    return clipped(line.toString(), 0);
  }

  private static String clipped(String line, int before) {
    return CleanText.of(line, MAX_BYTES - REMARK_BYTES - before);
  }

  /** As configurations call it. */
  static String name(System.Logger.Level level) {
    if (level.compareTo(System.Logger.Level.ERROR) >= 0) {
      return "error";
    }
    if (level == System.Logger.Level.WARNING) {
      return "warn";
    }
    return level == System.Logger.Level.INFO ? "info" : "debug";
  }

  private String message() {
    if (parameters == null || parameters.length == 0) {
      return CleanText.of(format, MAX_TEXT_BYTES);
    }
    Object[] clean = Arrays.stream(parameters).map(LogEntry::shown).toArray();
    try {
      return MessageFormat.format(format, clean);
    } catch (IllegalArgumentException e) {
      return CleanText.of(format, MAX_TEXT_BYTES) + " " + Arrays.toString(clean);
    }
  }

  private static Object shown(@Nullable Object parameter) {
    Object value = parameter instanceof LogField field ? field.value() : parameter;
    return value instanceof Number ? value : CleanText.of(text(value), MAX_TEXT_BYTES);
  }

  /** Whoever logs must not fail because something cannot be shown. */
  private static String text(@Nullable Object shown) {
    try {
      return shown instanceof Throwable failure ? ErrorText.of(failure) : String.valueOf(shown);
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

  /** Where it happened, if it is a mistake of ours; what fits below the line. */
  List<String> frames() {
    if (thrown == null || !isOurMistake(thrown)) {
      return List.of();
    }
    List<String> frames = new ArrayList<>();
    int bytes = line().getBytes(UTF_8).length + REMARK_BYTES;
    for (StackTraceElement element : thrown.getStackTrace()) {
      String frame = CleanText.of(element.toString(), MAX_TEXT_BYTES);
      bytes += frame.getBytes(UTF_8).length + FRAME_BYTES;
      if (bytes > MAX_BYTES || frames.size() == MAX_FRAMES) {
        break;
      }
      frames.add(frame);
    }
    return frames;
  }
}
