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
 * Where all that is logged in this process goes: to standard error, from a thread of its own, so
 * that nobody who logs ever waits for whoever reads it. What is not read in time is dropped, and
 * how much that was is said. Thread-safe; no method throws.
 */
public final class ProxyLog {
  /** The loggers of this project; all others are libraries. */
  private static final String OURS = "io.crirouter";

  /** The proxy's own words, which nobody else can cause. */
  private static final String PROXY = "io.crirouter.criproxy";

  private static final int MAX_BYTES = 256 << 10;
  private static final int RESERVED_BYTES = 32 << 10;
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration FOREVER = Duration.ofDays(1);

  /** Not {@link System#err}, which blocks all who print to it while one of them is blocked. */
  private static final ProxyLog PROCESS =
      new ProxyLog(
          new FileOutputStream(FileDescriptor.err),
          System::nanoTime,
          new TextLines(true, Journal.isStandardError()));

  private final OutputStream out;
  private final LineQueue queue = new LineQueue(MAX_BYTES, RESERVED_BYTES, this::remark);
  private final RepeatLimit repeats;
  private volatile Level threshold = Level.INFO;
  private volatile LineFormat format;

  /** Whether the writer looks after what was not said. */
  private volatile boolean ticking;

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

  /** Takes what is printed as it is, line by line. */
  public PrintStream printStream() {
    return new PrintStream(new LineStream(this::print), true, UTF_8);
  }

  private void print(String line) {
    queue.add(format.printed(line), true);
    start();
  }

  private byte[] remark(long dropped) {
    String text = dropped + " log lines were dropped: nobody read them fast enough";
    return format.entry(new LogEntry(PROXY, Level.WARNING, text, null, null));
  }

  /** Writes lines in another form from now on. */
  void format(LineFormat other) {
    format = other;
  }

  /** Says nothing below {@code lowest} from now on; of libraries, nothing below warnings. */
  public void threshold(Level lowest) {
    threshold = lowest;
  }

  /**
   * Whether something of this level is said. What libraries say below warnings never is: they print
   * frames, which have credentials and environments in them.
   */
  boolean says(String logger, Level level) {
    return level != Level.OFF
        && level.compareTo(threshold) >= 0
        && (isOurs(logger) || level.compareTo(Level.WARNING) >= 0);
  }

  private static boolean isOurs(String logger) {
    return logger.equals(OURS) || logger.startsWith(OURS + ".");
  }

  void log(LogEntry record) {
    if (!says(record.logger(), record.level())) {
      return;
    }
    if (repeats.admits(record)) {
      write(record);
    } else if (!ticking) {
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
        ticking = repeats.isSilentOnSomething();
        byte[] line = queue.next(ticking ? TICK : FOREVER);
        if (line != null) {
          out.write(line);
        }
        repeats.overdue(false).forEach(this::write);
      } catch (IOException e) {
        // Nobody can be told; the next line may find a reader again.
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** How many lines nobody read fast enough, since the start. */
  public long dropped() {
    return queue.droppedInAll();
  }

  /**
   * Waits until all that was logged is written.
   *
   * @return whether it is, within {@code limit}
   */
  public boolean flush(Duration limit) {
    repeats.overdue(true).forEach(this::write);
    try {
      return queue.awaitEmpty(limit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
