package io.crirouter.testkit.router;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/** Captures the log from the level WARNING on, with exceptions. */
final class CapturedExceptions extends CapturedLog {
  private final List<Throwable> thrown = new CopyOnWriteArrayList<>();

  CapturedExceptions() {
    super(Level.WARNING);
  }

  List<Throwable> thrown() {
    return List.copyOf(thrown);
  }

  @Override
  public void publish(LogRecord line) {
    super.publish(line);
    if (line.getThrown() != null) {
      thrown.add(line.getThrown());
    }
  }
}
