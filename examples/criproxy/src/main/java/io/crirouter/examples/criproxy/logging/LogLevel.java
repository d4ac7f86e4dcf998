package io.crirouter.examples.criproxy.logging;

import java.util.Locale;

/** The levels of the proxy's log. */
public enum LogLevel {
  /** Failures that an operator must fix. */
  ERROR(System.Logger.Level.ERROR),
  /** Failures that may be temporary. */
  WARN(System.Logger.Level.WARNING),
  /** Changes of state. */
  INFO(System.Logger.Level.INFO),
  /** Decisions of the proxy. Never the content of calls. */
  DEBUG(System.Logger.Level.DEBUG);

  private final System.Logger.Level level;

  LogLevel(System.Logger.Level level) {
    this.level = level;
  }

  /** The name on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Sets the level of the process, and installs the handler for libraries. */
  public void apply() {
    ProxyLog.ofProcess().threshold(level);
    LibraryLogHandler.install(ProxyLog.ofProcess());
  }
}
