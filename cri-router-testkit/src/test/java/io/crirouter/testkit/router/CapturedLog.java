package io.crirouter.testkit.router;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** Captures the log of the router from a level on while it is open. */
class CapturedLog extends Handler implements AutoCloseable {
  /** A strong reference, because the JDK drops the handlers of an unreferenced logger. */
  private final Logger logger = Logger.getLogger("io.crirouter");

  private final Level lowest;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  CapturedLog(Level lowest) {
    this.lowest = lowest;
    logger.addHandler(this);
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  public void publish(LogRecord line) {
    if (line.getLevel().intValue() >= lowest.intValue()) {
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
