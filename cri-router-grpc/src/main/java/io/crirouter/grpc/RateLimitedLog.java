package io.crirouter.grpc;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A log for events that clients and runtimes can cause. Limits the rate, and cleans the text. */
final class RateLimitedLog {
  private final Logger logger;
  private final LogRate rate = new LogRate(System::nanoTime);

  private RateLimitedLog(Logger logger) {
    this.logger = logger;
  }

  static RateLimitedLog of(Class<?> source) {
    return new RateLimitedLog(System.getLogger(source.getName()));
  }

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
    long suppressed = rate.tryAcquire();
    return suppressed < 0 ? null : LogText.clean(text.get()) + LogRate.note(suppressed);
  }
}
