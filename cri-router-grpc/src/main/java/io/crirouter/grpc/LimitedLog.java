package io.crirouter.grpc;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;

/** A log for what clients and runtimes can cause: few lines, and their texts clean and short. */
final class LimitedLog {
  private final Logger logger;
  private final LogRate rate = new LogRate(System::nanoTime);

  private LimitedLog(Logger logger) {
    this.logger = logger;
  }

  static LimitedLog of(Class<?> source) {
    return new LimitedLog(System.getLogger(source.getName()));
  }

  /** Logs {@code text} with the stack trace of {@code failure}. */
  void log(Level level, Supplier<String> text, Throwable failure) {
    if (!logger.isLoggable(level)) {
      return;
    }
    long leftOut = rate.tryAcquire();
    if (leftOut >= 0) {
      logger.log(level, LogText.clean(text.get()) + LogRate.note(leftOut), LogText.clean(failure));
    }
  }
}
