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
 * Writes the output of a console in the log format of CRI: each line with its time, {@code stdout},
 * and F, or P for a partial line. Not thread-safe.
 */
final class ConsoleLog implements AutoCloseable {
  /** The limit of other runtimes too. */
  static final int MAX_LINE_BYTES = 16 << 10;

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

  /** Continues in a new file, after the old one was moved. */
  void reopen() throws IOException {
    OutputStream next = open(file);
    output.close();
    output = next;
  }

  /**
   * Adds output of the console. Output that cannot be written is kept until {@link #retry}.
   *
   * @throws IOException if it cannot be written, because the disk is full for example
   */
  void append(byte[] printed) throws IOException {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (byte character : printed) {
      if (character == '\n') {
        endLine(records, 'F');
      } else {
        line.write(character);
        if (line.size() == MAX_LINE_BYTES) {
          endLine(records, 'P');
        }
      }
    }
    unwritten = records.toByteArray();
    retry();
  }

  /** Writes an incomplete line, such as a prompt. */
  void flushLine() throws IOException {
    if (line.size() > 0 && unwritten.length == 0) {
      ByteArrayOutputStream records = new ByteArrayOutputStream();
      endLine(records, 'P');
      unwritten = records.toByteArray();
      retry();
    }
  }

  /** Writes the output that could not be written before. */
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
