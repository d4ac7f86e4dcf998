package io.crirouter.examples.criproxy.logging;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;

/** Cuts what is printed into lines for a {@link LineQueue}. */
final class LineStream extends OutputStream {
  private final LineQueue queue;
  private final Runnable added;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  /**
   * Adds to {@code queue}.
   *
   * @param added to be run after a line was added
   */
  LineStream(LineQueue queue, Runnable added) {
    this.queue = queue;
    this.added = added;
  }

  @Override
  public synchronized void write(int character) {
    line.write(character);
    if (character == '\n' || line.size() >= LogEntry.MAX_BYTES) {
      queue.add(line.toByteArray(), true);
      line.reset();
      added.run();
    }
  }
}
