package io.crirouter.examples.criproxy;

import java.util.Locale;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** How much the proxy says on standard error. */
enum LogLevel {
  ERROR(Level.SEVERE),
  WARN(Level.WARNING),
  INFO(Level.INFO),
  DEBUG(Level.FINE);

  /** Held, for the JDK forgets the levels of loggers that nobody holds. */
  private static final Logger LIBRARIES = Logger.getLogger("io.grpc");

  private final Level level;

  LogLevel(Level level) {
    this.level = level;
  }

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Makes it so, for the rest of the process. */
  void apply() {
    Logger root = Logger.getLogger("");
    for (var handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    ConsoleHandler console = new ConsoleHandler();
    console.setLevel(level);
    console.setFormatter(new OneLine());
    root.addHandler(console);
    root.setLevel(level);
    LIBRARIES.setLevel(this == DEBUG ? Level.FINE : Level.WARNING);
  }

  /** A line for each record: the journal adds the time. */
  private static final class OneLine extends Formatter {
    @Override
    public String format(LogRecord record) {
      StringBuilder line = new StringBuilder();
      line.append(name(record.getLevel())).append(' ').append(formatMessage(record));
      for (Throwable cause = record.getThrown(); cause != null; cause = cause.getCause()) {
        line.append(": ").append(cause);
      }
      return line.append('\n').toString();
    }

    private static String name(Level level) {
      if (level.intValue() >= Level.SEVERE.intValue()) {
        return "error";
      }
      if (level.intValue() >= Level.WARNING.intValue()) {
        return "warn ";
      }
      return level.intValue() >= Level.INFO.intValue() ? "info " : "debug";
    }
  }
}
