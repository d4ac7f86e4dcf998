package io.crirouter.examples.criproxy.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The log of a process. Its own thread writes it to standard error, so that a slow reader blocks no
 * caller. If the reader is too slow, lines are dropped and their number is logged. Thread-safe; no
 * method throws.
 */
public final class ProxyLog {
  /** The loggers of this project. All others belong to libraries. */
  private static final String PROJECT = "io.crirouter";

  /** The logger of the proxy itself. Clients and runtimes cannot cause its lines. */
  private static final String PROXY = "io.crirouter.criproxy";

  private static final int MAX_BYTES = 256 << 10;
  private static final int RESERVED_BYTES = 32 << 10;
  private static final Duration SUMMARY_PERIOD = Duration.ofSeconds(1);
  private static final Duration FOREVER = Duration.ofDays(1);

  /** Not {@link System#err}: there a blocked write blocks all other threads that print. */
  private static final ProxyLog PROCESS =
      new ProxyLog(
          new FileOutputStream(FileDescriptor.err),
          System::nanoTime,
          new TextLines(true, SystemdJournal.isStandardError()));

  private final OutputStream out;
  private final LineQueue queue = new LineQueue(MAX_BYTES, RESERVED_BYTES, this::droppedLine);
  private final RepeatLimit repeats;
  private volatile Level threshold = Level.INFO;
  private volatile LineFormat format;

  /** Whether the writer polls for summaries of suppressed entries. */
  private volatile boolean isPolling;

  private boolean started;

  ProxyLog(OutputStream out, LongSupplier nanoTime, LineFormat format) {
    this.out = out;
    this.repeats = new RepeatLimit(nanoTime);
    this.format = format;
  }

  /** The log of this process. */
  public static ProxyLog ofProcess() {
    return PROCESS;
  }

  /** A stream whose lines are written to the log as they are. */
  public PrintStream printStream() {
    return new PrintStream(new LineStream(this::print), true, UTF_8);
  }

  private void print(String line) {
    queue.add(format.printed(line), true);
    start();
  }

  private byte[] droppedLine(long dropped) {
    String text = dropped + " log lines were dropped: standard error is read too slowly";
    return format.entry(new LogEntry(PROXY, Level.WARNING, text, null, null));
  }

  /** Sets the format of lines. */
  void format(LineFormat other) {
    format = other;
  }

  /** Sets the lowest level that is logged. Of libraries, only warnings and errors are logged. */
  public void threshold(Level lowest) {
    threshold = lowest;
  }

  /**
   * Whether an entry of this level is logged. Libraries are never logged below warnings: they log
   * frames, which contain credentials and environments.
   */
  boolean isLoggable(String logger, Level level) {
    return level != Level.OFF
        && level.compareTo(threshold) >= 0
        && (isOfProject(logger) || level.compareTo(Level.WARNING) >= 0);
  }

  private static boolean isOfProject(String logger) {
    return logger.equals(PROJECT) || logger.startsWith(PROJECT + ".");
  }

  void log(LogEntry record) {
    if (!isLoggable(record.logger(), record.level())) {
      return;
    }
    if (repeats.admits(record)) {
      write(record);
    } else if (!isPolling) {
      queue.wake();
    }
  }

  private void write(LogEntry record) {
    queue.add(format.entry(record), record.logger().equals(PROXY));
    start();
  }

  private synchronized void start() {
    if (!started) {
      started = true;
      Thread writer = new Thread(this::writeAll, "criproxy-log");
      writer.setDaemon(true);
      writer.start();
    }
  }

  private void writeAll() {
    while (true) {
      try {
        isPolling = repeats.hasSuppressed();
        byte[] line = queue.next(isPolling ? SUMMARY_PERIOD : FOREVER);
        if (line != null) {
          out.write(line);
        }
        repeats.summaries(false).forEach(this::write);
      } catch (IOException e) {
        // Standard error is closed. There is no other place for a message; the next write may work.
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** The number of lines that were dropped since the start. */
  public long dropped() {
    return queue.totalDropped();
  }

  /**
   * Waits until all entries are written.
   *
   * @return false if they are not within {@code limit}
   */
  public boolean flush(Duration limit) {
    repeats.summaries(true).forEach(this::write);
    try {
      return queue.awaitEmpty(limit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
