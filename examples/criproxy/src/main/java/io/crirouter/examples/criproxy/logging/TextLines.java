package io.crirouter.examples.criproxy.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Formats entries as lines of text.
 *
 * @param hasTime whether each begins with the time, in UTC
 * @param isForJournal whether to prefix lines with their priority for the journal, which adds the
 *     time itself
 */
record TextLines(boolean hasTime, boolean isForJournal) implements LineFormat {
  /** A holder class, so that the formatter is loaded only if it is used. */
  private static final class Time {
    static final DateTimeFormatter FORMAT =
        DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSX ").withZone(ZoneOffset.UTC);
  }

  @Override
  public byte[] entry(LogEntry entry) {
    byte[] lines = entry.bytes();
    if (isForJournal) {
      return LineFormat.withPriority(entry.level(), lines);
    }
    if (!hasTime) {
      return lines;
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(Time.FORMAT.format(entry.time()).getBytes(UTF_8));
    all.writeBytes(lines);
    return all.toByteArray();
  }

  @Override
  public byte[] printed(String line) {
    byte[] bytes = (line + "\n").getBytes(UTF_8);
    return isForJournal ? LineFormat.withPriority(System.Logger.Level.ERROR, bytes) : bytes;
  }
}
