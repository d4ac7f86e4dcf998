package io.crirouter.examples.bench.load;

import java.io.File;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The process of a proxy, which is stopped by close. */
final class Daemon implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration POLL_INTERVAL = Duration.ofNanos(500_000);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private final Process process;
  private final Path socket;
  private final File log;
  private final long started;

  /** Starts {@code command}, which serves at {@code socket} later. */
  Daemon(List<String> command, Path socket) throws IOException {
    this.socket = socket;
    log = new File(socket + ".log");
    started = System.nanoTime();
    process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
  }

  Path socket() {
    return socket;
  }

  ProcessCost cost() {
    return ProcessCost.of(process.toHandle());
  }

  /**
   * Waits until the process listens, then makes the first call.
   *
   * @return the time since the start, in milliseconds
   */
  double awaitAnswer(Runnable firstCall) throws IOException {
    while (true) {
      if (!process.isAlive() || System.nanoTime() - started > START_LIMIT.toNanos()) {
        throw new IOException(
            "the proxy did not start to serve; its log:\n" + Files.readString(log.toPath()));
      }
      if (listens()) {
        firstCall.run();
        return (System.nanoTime() - started) / 1e6;
      }
      LockSupport.parkNanos(POLL_INTERVAL.toNanos());
    }
  }

  /** A gRPC channel that connects too early would wait a second before it tries again. */
  private boolean listens() {
    try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return probe.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
