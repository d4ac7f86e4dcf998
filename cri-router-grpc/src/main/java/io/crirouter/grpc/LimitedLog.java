package io.crirouter.grpc;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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

  /** Logs {@code text}. */
  void log(Level level, Supplier<String> text) {
    String line = line(level, text);
    if (line != null) {
      logger.log(level, line);
    }
  }

  /** Logs {@code text} with the stack trace of {@code failure}. */
  void log(Level level, Supplier<String> text, Throwable failure) {
    String line = line(level, text);
    if (line != null) {
      logger.log(level, line, LogText.clean(failure));
    }
  }

  private @Nullable String line(Level level, Supplier<String> text) {
    if (!logger.isLoggable(level)) {
      return null;
    }
    long leftOut = rate.tryAcquire();
    return leftOut < 0 ? null : LogText.clean(text.get()) + LogRate.note(leftOut);
  }
}
