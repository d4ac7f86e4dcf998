package io.crirouter.examples.bench.soak;

import io.crirouter.examples.bench.ProcessUsage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The proxy under test. */
final class ProxyProcess implements AutoCloseable {
  private static final long STOP_SECONDS = 20;
  private static final int LAST_LINES = 40;

  private final Process process;
  private final File log;

  /** Starts {@code command}, whose log goes to {@code log}. */
  ProxyProcess(List<String> command, Path log) throws IOException {
    this.log = log.toFile();
    process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(this.log).start();
  }

  ProcessUsage usage() throws IOException {
    if (!process.isAlive()) {
      throw new IOException("the proxy has ended; its log:\n" + Files.readString(log.toPath()));
    }
    return ProcessUsage.of(process.pid());
  }

  int logLines() throws IOException {
    try (Stream<String> lines = Files.lines(log.toPath())) {
      return (int) lines.count();
    }
  }

  /** Whether the log tells that the runtime {@code name} is ready. */
  boolean hasLoggedReady(String name) throws IOException {
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
