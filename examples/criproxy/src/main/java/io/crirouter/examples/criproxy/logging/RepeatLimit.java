package io.crirouter.examples.criproxy.logging;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * Limits the rate of repeated log entries, because clients and runtimes can cause any number of
 * them. Thread-safe.
 */
final class RepeatLimit {
  /** The time in which the limits apply. */
  static final Duration WINDOW = Duration.ofSeconds(10);

  static final int PER_FORMAT = 10;

  /** For all formats of a logger together: a concatenated text is a new format each time. */
  static final int PER_LOGGER = 100;

  /** A logger with a line for each pod: a kubelet may start all pods of a node at once. */
  static final String PODS = "io.crirouter.criproxy.pods";

  private static final int FACTOR_OF_PODS = 30;

  /** Debug level is meant to show more. */
  private static final int FACTOR_OF_DEBUG = 10;

  static final int MAX_KEYS = 1000;

  private static final int MAX_FORMAT_BYTES = 200;
  private static final Pattern PLACEHOLDERS = Pattern.compile("(\\{[0-9]+})+");

  private final LongSupplier nanoTime;
  private final Map<Key, Window> windows = new HashMap<>();

  /** The number of windows with suppressed entries. */
  private int suppressed;

  RepeatLimit(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** The entries that are counted together; with an empty format, all of a logger and level. */
  private record Key(String logger, Level level, String format) {}

  private static final class Window {
    private long start;
    private int admitted;
    private int suppressed;
    private long suppressedSince;
  }

  /** Whether to log {@code record} now; if not, it is counted as suppressed. */
  synchronized boolean admits(LogEntry record) {
    long now = nanoTime.getAsLong();
    int factor = factor(record);
    Key logger = new Key(record.logger(), record.level(), "");
    Key format = new Key(record.logger(), record.level(), record.format());
    if (isUsedUp(logger, factor * PER_LOGGER, now)) {
      suppress(windows.containsKey(format) ? format : logger, now);
      return false;
    }
    if (isUsedUp(format, factor * PER_FORMAT, now)) {
      suppress(format, now);
      return false;
    }
    window(logger, now).admitted++;
    window(format, now).admitted++;
    return true;
  }

  private static int factor(LogEntry record) {
    if (record.logger().equals(PODS)) {
      return FACTOR_OF_PODS;
    }
    return record.level().compareTo(Level.INFO) < 0 ? FACTOR_OF_DEBUG : 1;
  }

  private boolean isUsedUp(Key key, int limit, long now) {
    Window window = windows.get(key);
    return window != null && !hasEnded(window.start, now) && window.admitted >= limit;
  }

  private void suppress(Key key, long now) {
    Window window = window(key, now);
    if (window.suppressed == 0) {
      window.suppressedSince = now;
      suppressed++;
    }
    window.suppressed++;
  }

  private Window window(Key key, long now) {
    Window window = windows.get(key);
    if (window == null) {
      makeRoom(now);
      window = new Window();
      window.start = now;
      windows.put(key, window);
    } else if (hasEnded(window.start, now)) {
      window.start = now;
      window.admitted = 0;
    }
    return window;
  }

  /** Bounds the windows: they are not removed by summaries while the log's reader is blocked. */
  private void makeRoom(long now) {
    if (windows.size() >= MAX_KEYS) {
      windows.values().removeIf(window -> window.suppressed == 0 && hasEnded(window.start, now));
    }
    if (windows.size() >= MAX_KEYS) {
      windows.clear();
      suppressed = 0;
    }
  }

  /** The number of keys that are counted now. */
  synchronized int keys() {
    return windows.size();
  }

  private static boolean hasEnded(long start, long now) {
    return now - start >= WINDOW.toNanos();
  }

  /** Whether {@link #summaries} will return entries, now or later. */
  synchronized boolean hasSuppressed() {
    return suppressed > 0;
  }

  /**
   * Takes the summaries of suppressed entries.
   *
   * @param isFinal whether to return all summaries, not only those whose window has ended
   */
  synchronized List<LogEntry> summaries(boolean isFinal) {
    long now = nanoTime.getAsLong();
    List<LogEntry> result = new ArrayList<>();
    windows.forEach(
        (key, window) -> {
          if (window.suppressed > 0 && (isFinal || hasEnded(window.suppressedSince, now))) {
            result.add(summary(key, window.suppressed));
            window.suppressed = 0;
            suppressed--;
          }
        });
    windows.values().removeIf(window -> window.suppressed == 0 && hasEnded(window.start, now));
    return result;
  }

  private static LogEntry summary(Key key, int count) {
    String text =
        key.format().isEmpty()
            ? count + " more lines of " + key.logger()
            : count
                + " more of these: "
                + CleanText.of(withoutValues(key.format()), MAX_FORMAT_BYTES);
    return new LogEntry(key.logger(), key.level(), text, null, null);
  }

  /** The format with an ellipsis for each value. */
  private static String withoutValues(String format) {
    return PLACEHOLDERS.matcher(format).replaceAll("...");
  }
}
