package io.crirouter.examples.criproxy.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Makes lines, in UTF-8 and with their ends. */
interface LineFormat {
  /** An entry of the log, perhaps in several lines. */
  byte[] entry(LogEntry entry);

  /** A line that was printed as it is: by whoever reports an error. Without a line end. */
  byte[] printed(String line);

  /** Each line with its priority, as journald takes it from the beginning. */
  static byte[] withPriority(System.Logger.Level level, byte[] lines) {
    String prefix = "<" + Journal.priority(level) + ">";
    String text = new String(lines, UTF_8);
    return (prefix + text.substring(0, text.length() - 1).replace("\n", "\n" + prefix) + "\n")
        .getBytes(UTF_8);
  }
}
