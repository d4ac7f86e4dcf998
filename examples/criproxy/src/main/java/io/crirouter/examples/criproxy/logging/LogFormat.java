package io.crirouter.examples.criproxy.logging;

import java.util.Locale;

/** The formats of the proxy's log. */
public enum LogFormat {
  /** Lines of text, with the time unless the journal adds it. */
  TEXT,
  /** One JSON object in each line. */
  JSON;

  /** The name on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Sets the format of the process. */
  public void apply() {
    ProxyLog.ofProcess()
        .format(
            this == JSON
                ? new JsonLines(SystemdJournal.isStandardError())
                : new TextLines(true, SystemdJournal.isStandardError()));
  }
}
