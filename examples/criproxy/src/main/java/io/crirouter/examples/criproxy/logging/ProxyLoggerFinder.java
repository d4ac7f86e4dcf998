package io.crirouter.examples.criproxy.logging;

import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/**
 * Connects {@link System.Logger}, which this project uses, to {@link ProxyLog}. It does not use
 * java.util.logging, which removes its handlers at the shutdown of the JVM, before the proxy has
 * logged its last line.
 */
public final class ProxyLoggerFinder extends System.LoggerFinder {
  @Override
  public System.Logger getLogger(String name, Module module) {
    return new ProxyLogger(name);
  }

  private record ProxyLogger(String name) implements System.Logger {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public boolean isLoggable(Level level) {
      return ProxyLog.ofProcess().isLoggable(name, level);
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String message,
        @Nullable Throwable thrown) {
      write(level, message, null, thrown);
    }

    @Override
    public void log(
        Level level,
        @Nullable ResourceBundle bundle,
        @Nullable String format,
        @Nullable Object @Nullable ... parameters) {
      write(level, format, parameters, null);
    }

    private void write(
        Level level,
        @Nullable String format,
        @Nullable Object @Nullable [] parameters,
        @Nullable Throwable thrown) {
      ProxyLog.ofProcess()
          .log(new LogEntry(name, level, String.valueOf(format), parameters, thrown));
    }
  }
}
