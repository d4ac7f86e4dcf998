package io.crirouter.examples.criproxy.logging;

import java.util.Locale;

/** How the proxy's log is written. */
public enum LogFormat {
  /** Lines for people, with the time unless the journal adds it. */
  TEXT,
  /** One JSON object in each line. */
  JSON;

  /** As it is written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Makes it so, for the rest of the process. */
  public void apply() {
    ProxyLog.ofProcess()
        .format(
            this == JSON
                ? new JsonLines(Journal.isStandardError())
                : new TextLines(true, Journal.isStandardError()));
  }
}
