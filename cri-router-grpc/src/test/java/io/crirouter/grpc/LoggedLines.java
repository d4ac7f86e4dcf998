package io.crirouter.grpc;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Everything that is logged while it is open, by us and by gRPC, at any level. */
final class LoggedLines implements AutoCloseable {
  private static final Logger ROOT = Logger.getLogger("");

  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Formatter formatter = new SimpleFormatter();
  private final Level levelBefore = ROOT.getLevel();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          lines.add(entry.getLevel() + " " + entry.getLoggerName() + " " + text(entry));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  private LoggedLines(Level level) {
    handler.setLevel(level);
    ROOT.addHandler(handler);
    ROOT.setLevel(level);
  }

  /** Captures what is logged at INFO and above. */
  static LoggedLines capture() {
    return new LoggedLines(Level.INFO);
  }

  /** Captures what is logged at all. */
  static LoggedLines captureAll() {
    return new LoggedLines(Level.ALL);
  }

  private String text(LogRecord entry) {
    return entry.getThrown() == null
        ? formatter.formatMessage(entry)
        : formatter.formatMessage(entry) + " " + entry.getThrown();
  }

  List<String> all() {
    return lines;
  }

  @Override
  public void close() {
    ROOT.removeHandler(handler);
    ROOT.setLevel(levelBefore);
  }
}
