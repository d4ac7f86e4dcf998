package org.example.vm;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.function.Supplier;

/**
 * What a console prints, as a log of CRI: one line for each line, with its time, {@code stdout},
 * and F, or P if it is not the whole line. Not thread-safe.
 */
final class ConsoleLog implements AutoCloseable {
  /** As other runtimes do. */
  static final int LONGEST_LINE = 16 << 10;

  private final Path file;
  private final Supplier<Instant> clock;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private OutputStream output;
  private byte[] unwritten = new byte[0];

  ConsoleLog(Path file, Supplier<Instant> clock) throws IOException {
    this.file = file;
    this.clock = clock;
    this.output = open(file);
  }

  private static OutputStream open(Path file) throws IOException {
    return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Goes on in a new file, after the old one was moved away. */
  void reopen() throws IOException {
    OutputStream next = open(file);
    output.close();
    output = next;
  }

  /**
   * Adds output of the console. If it cannot be written, what is left is kept until {@link #retry}.
   *
   * @throws IOException if the file takes no more, for want of room for example
   */
  void append(byte[] printed) throws IOException {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (byte one : printed) {
      if (one == '\n') {
        endLine(records, 'F');
      } else {
        line.write(one);
        if (line.size() == LONGEST_LINE) {
          endLine(records, 'P');
        }
      }
    }
    unwritten = records.toByteArray();
    retry();
  }

  /** Writes what has no end yet, such as a prompt. */
  void flushLine() throws IOException {
    if (line.size() > 0 && unwritten.length == 0) {
      ByteArrayOutputStream records = new ByteArrayOutputStream();
      endLine(records, 'P');
      unwritten = records.toByteArray();
      retry();
    }
  }

  /** Writes what could not be written. */
  void retry() throws IOException {
    if (unwritten.length > 0) {
      output.write(unwritten);
      unwritten = new byte[0];
    }
  }

  private void endLine(ByteArrayOutputStream records, char tag) {
    byte[] text = line.toByteArray();
    line.reset();
    int length = text.length;
    if (tag == 'F' && length > 0 && text[length - 1] == '\r') {
      length--;
    }
    String head = DateTimeFormatter.ISO_INSTANT.format(clock.get()) + " stdout " + tag + " ";
    records.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    records.write(text, 0, length);
    records.write('\n');
  }

  @Override
  public void close() throws IOException {
    output.close();
  }
}
