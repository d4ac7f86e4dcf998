package io.crirouter.examples.criproxy.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.UncheckedIOException;
import java.text.MessageFormat;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A log entry: a line, followed by a stack trace if the exception is a defect of this project. */
final class LogEntry {
  /** The limit for each text of runtimes and clients. */
  static final int MAX_TEXT_BYTES = 1 << 10;

  /** The limit for the whole entry, with its line ends. */
  static final int MAX_BYTES = 8 << 10;

  private static final int MAX_CAUSES = 5;
  private static final int MAX_FRAMES = 30;

  /** Room for the length that follows a cut text, and the line end. */
  private static final int SUFFIX_BYTES = 64;

  /** The indentation of a stack frame, and its line end. */
  private static final int FRAME_BYTES = 8;

  private final String logger;
  private final System.Logger.Level level;
  private final String format;
  private final @Nullable Object @Nullable [] parameters;
  private final @Nullable Throwable thrown;
  private final Instant time = Instant.now();

  /**
   * @param format the text; with parameters, a {@link MessageFormat}
   * @param parameters null if there are none
   * @param thrown the exception; null if there is none
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

  /** The text without its parameters. It is the same for entries of the same kind. */
  String format() {
    return format;
  }

  /** The time at which it was logged. */
  Instant time() {
    return time;
  }

  /** The parameters that are fields. */
  List<LogField> fields() {
    return parameters == null
        ? List.of()
        : Arrays.stream(parameters)
            .filter(LogField.class::isInstance)
            .map(LogField.class::cast)
            .toList();
  }

  /** The entry as lines of text in UTF-8, without the time. */
  byte[] bytes() {
    String start = String.format("%-5s ", name(level));
    StringBuilder all = new StringBuilder();
    all.append(start).append(clipped(line(), start.length())).append('\n');
    frames().forEach(frame -> all.append("    at ").append(frame).append('\n'));
    return all.toString().getBytes(UTF_8);
  }

  /** The message and its causes in one line, without a line end. */
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
    return CleanText.of(line, MAX_BYTES - SUFFIX_BYTES - before);
  }

  /** The name of a level in configurations. */
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

  /** The text of an object. Logging must not fail if its toString does. */
  private static String text(@Nullable Object shown) {
    try {
      return shown instanceof Throwable failure ? ErrorText.of(failure) : String.valueOf(shown);
    } catch (RuntimeException e) {
      return "(a " + (shown == null ? "null" : shown.getClass().getName()) + ")";
    }
  }

  /** Whether the exception needs a stack trace. I/O errors and errors of libraries need none. */
  private boolean isDefect(Throwable failure) {
    return logger.startsWith("io.crirouter")
        && (failure instanceof RuntimeException || failure instanceof Error)
        && !(failure instanceof UncheckedIOException);
  }

  /** The stack frames of a defect, within the limit of an entry; else none. */
  List<String> frames() {
    if (thrown == null || !isDefect(thrown)) {
      return List.of();
    }
    List<String> frames = new ArrayList<>();
    int bytes = line().getBytes(UTF_8).length + SUFFIX_BYTES;
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
