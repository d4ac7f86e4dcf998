package org.example.vm;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The serial console of a machine: two pipes, which QEMU holds open. While the runtime is down, a
 * full pipe blocks the guest, so that no output is lost. {@link #poll} reads the output, because
 * Java can neither select on a pipe nor interrupt a read. Thread-safe.
 */
final class Console implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Console.class.getName());
  private static final int BUFFER = 8 << 10;

  /** The limit for one console, before the others are read. */
  private static final int MAX_BUFFERS_PER_POLL = 32;

  /** After this many empty polls an incomplete line is written. */
  private static final int POLLS_UNTIL_FLUSH = 10;

  private final RandomAccessFile output;
  private final FileInputStream reader;
  private final RandomAccessFile input;
  private final Optional<ConsoleLog> log;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  /** A reader of the output. */
  private record Listener(Consumer<byte[]> printed, Runnable ended) {}

  private final byte[] buffer = new byte[BUFFER];
  private int emptyPolls;
  private boolean failing;
  private boolean closed;

  /**
   * @param log gets the output; closed with the console
   */
  Console(Path folder, Optional<ConsoleLog> log) throws IOException {
    this.log = log;
    // "rw", because opening a pipe for reading only blocks until a QEMU has opened it.
    output = new RandomAccessFile(folder.resolve(Qemu.CONSOLE_OUTPUT).toFile(), "rw");
    reader = new FileInputStream(output.getFD());
    input = new RandomAccessFile(folder.resolve(Qemu.CONSOLE_INPUT).toFile(), "rw");
  }

  /** Reads the available output. Does not block. */
  synchronized void poll() {
    if (closed) {
      return;
    }
    try {
      if (log.isPresent()) {
        log.get().retry();
      }
      if (readSome()) {
        emptyPolls = 0;
      } else if (++emptyPolls == POLLS_UNTIL_FLUSH && log.isPresent()) {
        log.get().flushLine();
      }
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        LOG.log(System.Logger.Level.WARNING, "cannot write a console log: " + e.getMessage());
      }
      failing = true;
    }
  }

  private boolean readSome() throws IOException {
    boolean any = false;
    for (int i = 0; i < MAX_BUFFERS_PER_POLL && reader.available() > 0; i++) {
      byte[] printed = Arrays.copyOf(buffer, reader.read(buffer));
      any = true;
      listeners.forEach(listener -> listener.printed().accept(printed));
      if (log.isPresent()) {
        log.get().append(printed);
      }
    }
    return any;
  }

  /** Continues in a new log file. */
  synchronized void reopenLog() throws IOException {
    if (log.isPresent()) {
      log.get().reopen();
    }
  }

  /**
   * Adds a listener. Neither callback may block.
   *
   * @param printed gets each piece of output
   * @param ended runs when the console is closed
   * @return removes the listener
   */
  Runnable listen(Consumer<byte[]> printed, Runnable ended) {
    Listener listener = new Listener(printed, ended);
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** Writes input. Blocks while the guest does not read. */
  void type(byte[] bytes) throws IOException {
    input.write(bytes);
  }

  /** Reads the rest of the output and closes the pipes. */
  @Override
  public synchronized void close() throws IOException {
    if (closed) {
      return;
    }
    poll();
    closed = true;
    if (log.isPresent()) {
      if (!failing) {
        log.get().flushLine();
      }
      log.get().close();
    }
    output.close();
    input.close();
    listeners.forEach(listener -> listener.ended().run());
  }
}
