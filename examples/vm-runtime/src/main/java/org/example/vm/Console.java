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
 * The serial console of a machine: two pipes, which QEMU holds open, so that a guest that prints
 * while the runtime is away waits when the pipe is full, and nothing is lost. It is read by {@link
 * #poll}, since Java can neither wait for a pipe nor stop reading one.
 */
final class Console implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Console.class.getName());
  private static final int BUFFER = 8 << 10;

  /** How much of one console is read before the others have their turn. */
  private static final int BUFFERS_AT_ONCE = 32;

  /** After so many empty looks a line without an end is written. */
  private static final int LOOKS_UNTIL_FLUSH = 10;

  private final RandomAccessFile output;
  private final FileInputStream reader;
  private final RandomAccessFile input;
  private final Optional<ConsoleLog> log;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  /** Somebody who reads along. */
  private record Listener(Consumer<byte[]> printed, Runnable ended) {}

  private final byte[] buffer = new byte[BUFFER];
  private int emptyLooks;
  private boolean failing;
  private boolean closed;

  /**
   * Opens the console of a machine.
   *
   * @param log what it prints is written to it; closed with the console
   */
  Console(Path folder, Optional<ConsoleLog> log) throws IOException {
    this.log = log;
    // Also for writing: opening does not wait for a QEMU then, whatever has become of it.
    output = new RandomAccessFile(folder.resolve(Qemu.CONSOLE_OUTPUT).toFile(), "rw");
    reader = new FileInputStream(output.getFD());
    input = new RandomAccessFile(folder.resolve(Qemu.CONSOLE_INPUT).toFile(), "rw");
  }

  /** Passes on what the machine has printed, without waiting for more. */
  synchronized void poll() {
    if (closed) {
      return;
    }
    try {
      if (log.isPresent()) {
        log.get().retry();
      }
      if (readSome()) {
        emptyLooks = 0;
      } else if (++emptyLooks == LOOKS_UNTIL_FLUSH && log.isPresent()) {
        log.get().flushLine();
      }
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        LOG.log(System.Logger.Level.WARNING, "the log of a console waits: " + e.getMessage());
      }
      failing = true;
    }
  }

  private boolean readSome() throws IOException {
    boolean any = false;
    for (int i = 0; i < BUFFERS_AT_ONCE && reader.available() > 0; i++) {
      byte[] printed = Arrays.copyOf(buffer, reader.read(buffer));
      any = true;
      listeners.forEach(listener -> listener.printed().accept(printed));
      if (log.isPresent()) {
        log.get().append(printed);
      }
    }
    return any;
  }

  /** Goes on in a new log file. */
  synchronized void reopenLog() throws IOException {
    if (log.isPresent()) {
      log.get().reopen();
    }
  }

  /**
   * Passes on what is printed from now on. Neither of the two may wait.
   *
   * @param printed gets each piece of output
   * @param ended run when the console is closed
   * @return ends that
   */
  Runnable listen(Consumer<byte[]> printed, Runnable ended) {
    Listener listener = new Listener(printed, ended);
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** Types. Waits while the guest does not read. */
  void type(byte[] bytes) throws IOException {
    input.write(bytes);
  }

  /** Passes on what is left in the pipe, and lets go of it. */
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
