package io.crirouter.grpc;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Captures all log records, of the router and of gRPC, until it is closed. */
final class CapturedLog implements AutoCloseable {
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

  private CapturedLog(Level level) {
    handler.setLevel(level);
    ROOT.addHandler(handler);
    ROOT.setLevel(level);
  }

  /** Captures records at INFO and above. */
  static CapturedLog capture() {
    return new CapturedLog(Level.INFO);
  }

  /** Captures records of all levels. */
  static CapturedLog captureAll() {
    return new CapturedLog(Level.ALL);
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
