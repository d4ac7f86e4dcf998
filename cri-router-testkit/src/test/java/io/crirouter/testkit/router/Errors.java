package io.crirouter.testkit.router;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What the router logs at the level ERROR while this is open. */
final class Errors extends Handler {
  /** Held here, since java.util.logging forgets loggers that nobody holds. */
  private final Logger logger = Logger.getLogger("io.crirouter");

  private final List<String> lines = new CopyOnWriteArrayList<>();

  Errors() {
    logger.addHandler(this);
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  public void publish(LogRecord line) {
    if (line.getLevel().intValue() >= Level.SEVERE.intValue()) {
      lines.add(new SimpleFormatter().formatMessage(line));
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
