package io.crirouter.examples.criproxy.logging;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Passes the log records of gRPC and Netty (java.util.logging) to a {@link ProxyLog}. */
final class LibraryLogHandler extends Handler {
  private final ProxyLog log;

  LibraryLogHandler(ProxyLog log) {
    this.log = log;
    setLevel(Level.WARNING);
  }

  /** Installs it as the only handler of this process. */
  static void install(ProxyLog log) {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    root.setLevel(Level.WARNING);
    root.addHandler(new LibraryLogHandler(log));
  }

  @Override
  public void publish(LogRecord record) {
    if (isLoggable(record)) {
      log.log(
          new LogEntry(
              String.valueOf(record.getLoggerName()),
              level(record.getLevel()),
              String.valueOf(record.getMessage()),
              record.getParameters(),
              record.getThrown()));
    }
  }

  private static System.Logger.Level level(Level level) {
    return level.intValue() >= Level.SEVERE.intValue()
        ? System.Logger.Level.ERROR
        : System.Logger.Level.WARNING;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
