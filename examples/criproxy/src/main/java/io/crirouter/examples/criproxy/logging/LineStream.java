package io.crirouter.examples.criproxy.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.function.Consumer;

/** Splits printed bytes into lines. */
final class LineStream extends OutputStream {
  private final Consumer<String> lines;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  /**
   * @param lines takes each line without its line end
   */
  LineStream(Consumer<String> lines) {
    this.lines = lines;
  }

  @Override
  public synchronized void write(int character) {
    if (character != '\n') {
      line.write(character);
    }
    if (character == '\n' || line.size() >= LogEntry.MAX_BYTES) {
      lines.accept(line.toString(UTF_8));
      line.reset();
    }
  }
}
