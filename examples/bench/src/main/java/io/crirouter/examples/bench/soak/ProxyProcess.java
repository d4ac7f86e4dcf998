package io.crirouter.examples.bench.soak;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The proxy that is watched, as an operator starts it. */
final class ProxyProcess implements AutoCloseable {
  private static final long STOP_SECONDS = 20;
  private static final int LAST_LINES = 40;

  private final Process process;
  private final File log;

  /**
   * What the process holds at one moment.
   *
   * @param residentMib {@code VmRSS}
   * @param descriptors its open files
   * @param logLines how many lines it has logged so far
   */
  record Usage(double residentMib, int descriptors, long logLines) {}

  /** Starts {@code command}, whose log goes to {@code log}. */
  ProxyProcess(List<String> command, Path log) throws IOException {
    this.log = log.toFile();
    process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(this.log).start();
  }

  Usage usage() throws IOException {
    if (!process.isAlive()) {
      throw new IOException("the proxy has ended; it said:\n" + Files.readString(log.toPath()));
    }
    Path proc = Path.of("/proc/" + process.pid());
    double resident = 0;
    for (String line : Files.readAllLines(proc.resolve("status"))) {
      if (line.startsWith("VmRSS:")) {
        resident = Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
      }
    }
    try (Stream<Path> descriptors = Files.list(proc.resolve("fd"));
        Stream<String> lines = Files.lines(log.toPath())) {
      return new Usage(resident, (int) descriptors.count(), lines.count());
    }
  }

  /** Whether it has said that the runtime {@code name} is ready. */
  boolean saysReady(String name) throws IOException {
    try (Stream<String> lines = Files.lines(log.toPath())) {
      return lines.anyMatch(line -> line.contains("runtime " + name) && line.contains("is ready"));
    }
  }

  /** The end of its log. */
  String lastLines() throws IOException {
    List<String> lines = Files.readAllLines(log.toPath());
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
