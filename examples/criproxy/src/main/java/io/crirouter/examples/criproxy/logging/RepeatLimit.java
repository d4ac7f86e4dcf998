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
 * How often the same may be said: whoever can make the proxy log something, by a call or by an
 * answer, can make it do so without end. Thread-safe.
 */
final class RepeatLimit {
  /** In this time, each logger says each of its formats so often at most. */
  static final Duration WINDOW = Duration.ofSeconds(10);

  static final int OF_A_FORMAT = 10;

  /** All formats of a logger together: a text that is made of parts is a new format each time. */
  static final int OF_A_LOGGER = 100;

  /** A logger that says a line for each pod; a kubelet may start all of a node's at once. */
  static final String PODS = "io.crirouter.criproxy.pods";

  private static final int FACTOR_OF_PODS = 30;

  /** Whoever asks for debug lines wants to see more of them. */
  private static final int FACTOR_OF_DEBUG = 10;

  static final int MAX_SUBJECTS = 1000;

  private static final int MAX_FORMAT_BYTES = 200;
  private static final Pattern PLACEHOLDERS = Pattern.compile("(\\{[0-9]+})+");

  private final LongSupplier nanoTime;
  private final Map<Subject, Window> windows = new HashMap<>();
  private int silent;

  RepeatLimit(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** What is counted: a format of a logger, or with an empty format all of them. */
  private record Subject(String logger, Level level, String format) {}

  private static final class Window {
    private long start;
    private int said;
    private int unsaid;
    private long unsaidSince;
  }

  /** Whether {@code record} may be said now; if not, it is counted. */
  synchronized boolean admits(LogEntry record) {
    long now = nanoTime.getAsLong();
    int factor = factor(record);
    Subject all = new Subject(record.logger(), record.level(), "");
    // The format first, so that what one format says too often takes nothing from the others.
    Subject one = new Subject(record.logger(), record.level(), record.format());
    if (isUsedUp(all, factor * OF_A_LOGGER, now)) {
      suppress(windows.containsKey(one) ? one : all, now);
      return false;
    }
    if (isUsedUp(one, factor * OF_A_FORMAT, now)) {
      suppress(one, now);
      return false;
    }
    window(all, now).said++;
    window(one, now).said++;
    return true;
  }

  private static int factor(LogEntry record) {
    if (record.logger().equals(PODS)) {
      return FACTOR_OF_PODS;
    }
    return record.level().compareTo(Level.INFO) < 0 ? FACTOR_OF_DEBUG : 1;
  }

  private boolean isUsedUp(Subject subject, int limit, long now) {
    Window window = windows.get(subject);
    return window != null && !hasEnded(window.start, now) && window.said >= limit;
  }

  private void suppress(Subject subject, long now) {
    Window window = window(subject, now);
    if (window.unsaid == 0) {
      window.unsaidSince = now;
      silent++;
    }
    window.unsaid++;
  }

  private Window window(Subject subject, long now) {
    Window window = windows.get(subject);
    if (window == null) {
      makeRoom(now);
      window = new Window();
      window.start = now;
      windows.put(subject, window);
    } else if (hasEnded(window.start, now)) {
      window.start = now;
      window.said = 0;
    }
    return window;
  }

  /** Nobody asks what is overdue while the log's reader is blocked. */
  private void makeRoom(long now) {
    if (windows.size() >= MAX_SUBJECTS) {
      windows.values().removeIf(window -> window.unsaid == 0 && hasEnded(window.start, now));
    }
    if (windows.size() >= MAX_SUBJECTS) {
      windows.clear();
      silent = 0;
    }
  }

  /** How much is counted now. */
  synchronized int subjects() {
    return windows.size();
  }

  private static boolean hasEnded(long start, long now) {
    return now - start >= WINDOW.toNanos();
  }

  /** Whether {@link #overdue} will have something to say. */
  synchronized boolean isSilentOnSomething() {
    return silent > 0;
  }

  /**
   * How much was not said.
   *
   * @param ending whether this is the last chance to say so; else only what is due
   */
  synchronized List<LogEntry> overdue(boolean ending) {
    long now = nanoTime.getAsLong();
    List<LogEntry> result = new ArrayList<>();
    windows.forEach(
        (subject, window) -> {
          if (window.unsaid > 0 && (ending || hasEnded(window.unsaidSince, now))) {
            result.add(summary(subject, window.unsaid));
            window.unsaid = 0;
            silent--;
          }
        });
    windows.values().removeIf(window -> window.unsaid == 0 && hasEnded(window.start, now));
    return result;
  }

  private static LogEntry summary(Subject subject, int count) {
    String text =
        subject.format().isEmpty()
            ? count + " more lines of " + subject.logger()
            : count
                + " more of these: "
                + CleanText.of(withoutValues(subject.format()), MAX_FORMAT_BYTES);
    return new LogEntry(subject.logger(), subject.level(), text, null, null);
  }

  /** The format as people read it: the values were different ones. */
  private static String withoutValues(String format) {
    return PLACEHOLDERS.matcher(format).replaceAll("...");
  }
}
