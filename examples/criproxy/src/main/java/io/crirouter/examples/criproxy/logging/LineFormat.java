package io.crirouter.examples.criproxy.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Formats log lines, in UTF-8 and with line ends. */
interface LineFormat {
  /** A log entry, in one or more lines. */
  byte[] entry(LogEntry entry);

  /**
   * A line that was printed to standard error.
   *
   * @param line without its line end
   */
  byte[] printed(String line);

  /** Each line with its priority as a prefix, which journald parses. */
  static byte[] withPriority(System.Logger.Level level, byte[] lines) {
    String prefix = "<" + SystemdJournal.priority(level) + ">";
    String text = new String(lines, UTF_8);
    return (prefix + text.substring(0, text.length() - 1).replace("\n", "\n" + prefix) + "\n")
        .getBytes(UTF_8);
  }
}
