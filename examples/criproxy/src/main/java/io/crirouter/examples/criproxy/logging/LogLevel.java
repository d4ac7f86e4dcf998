package io.crirouter.examples.criproxy.logging;

import java.util.Locale;

/** How much the proxy says on standard error. */
public enum LogLevel {
  /** What somebody must mend. */
  ERROR(System.Logger.Level.ERROR),
  /** What is not as it should be. */
  WARN(System.Logger.Level.WARNING),
  /** What changes. */
  INFO(System.Logger.Level.INFO),
  /** What the proxy decides; never what calls contain. */
  DEBUG(System.Logger.Level.DEBUG);

  private final System.Logger.Level level;

  LogLevel(System.Logger.Level level) {
    this.level = level;
  }

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Makes it so, for the rest of the process, and for libraries too. */
  public void apply() {
    ProxyLog.ofProcess().threshold(level);
    LibraryLogHandler.install(ProxyLog.ofProcess());
  }
}
