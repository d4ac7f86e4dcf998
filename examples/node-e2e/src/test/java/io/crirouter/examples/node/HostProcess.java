package io.crirouter.examples.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A program of the test bed that can be started again with the same command. It has an environment
 * of its own, so that a setting of the machine cannot change what a test sees. Thread-safe.
 */
final class HostProcess implements AutoCloseable {
  private static final Duration READY_LIMIT = Duration.ofSeconds(60);
  private static final long EXIT_SECONDS = 60;
  private static final int TAIL_LINES = 40;

  private final String name;
  private final List<String> command;
  private final Path log;
  private Process process;

  /**
   * Describes it.
   *
   * @param log gets both of its outputs, of all its starts
   */
  HostProcess(String name, Path log, List<String> command) {
    this.name = name;
    this.log = log;
    this.command = List.copyOf(command);
  }

  /**
   * Starts it and waits until {@code ready} holds.
   *
   * @throws IllegalStateException with the end of its log if it ends or stays unready
   */
  synchronized void start(BooleanSupplier ready) {
    launch();
    Process started = process;
    Await.within(
        READY_LIMIT,
        () -> name + " to be ready; the end of its log:\n" + logTail(),
        () -> {
          if (!started.isAlive()) {
            throw new IllegalStateException(name + " has ended; its log:\n" + logTail());
          }
          return ready.getAsBoolean();
        });
  }

  private void launch() {
    if (isAlive()) {
      throw new IllegalStateException(name + " is running already");
    }
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(log.getParent().toFile())
            .redirectErrorStream(true)
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(Redirect.appendTo(log.toFile()));
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    builder.environment().put("HOME", log.getParent().toString());
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be started by " + command, e);
    }
  }

  synchronized long pid() {
    return process.pid();
  }

  synchronized boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** SIGKILL, and waits for its end; nothing if it has ended. */
  synchronized void kill() {
    if (process != null) {
      process.destroyForcibly();
      awaitExit();
    }
  }

  /** SIGTERM, and waits for its end. */
  synchronized void stop() {
    if (process != null) {
      process.destroy();
      awaitExit();
    }
  }

  /** Waits for its end; returns its exit code. */
  synchronized int awaitExit() {
    try {
      if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "%s has not ended within %d s; the end of its log:%n%s"
                .formatted(name, EXIT_SECONDS, logTail()));
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the end of " + name, e);
    }
  }

  /** All that it has said. */
  String log() {
    try {
      return Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      throw new UncheckedIOException("the log of " + name + " cannot be read", e);
    }
  }

  /** The last lines of what it has said. */
  String logTail() {
    List<String> lines = log().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
  }

  @Override
  public void close() {
    kill();
  }

  @Override
  public String toString() {
    return name;
  }
}
