package io.crirouter.testkit.containerd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One daemon that can be restarted with the same command, and its log. Thread-safe.
 *
 * <p>Its environment contains only PATH, so that settings of the machine, such as a proxy, have no
 * effect.
 */
final class Daemon {
  private static final Duration READY_LIMIT = Duration.ofSeconds(30);
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(10);
  private static final int TAIL_LINES = 30;

  private final String name;
  private final List<String> command;
  private final String path;
  private final Path log;
  private @Nullable Process process;

  /**
   * @param name for messages
   * @param path the daemon's PATH
   * @param log the file for standard output and error of all starts
   */
  Daemon(String name, List<String> command, String path, Path log) {
    this.name = name;
    this.command = List.copyOf(command);
    this.path = path;
    this.log = log;
  }

  /**
   * Starts the daemon and waits until {@code ready} returns true, 30 s at most.
   *
   * @throws IllegalStateException with the end of its log if it ends or does not become ready
   */
  synchronized void start(BooleanSupplier ready) {
    if (process != null && process.isAlive()) {
      throw new IllegalStateException(this + " is running already");
    }
    Process started = launch();
    process = started;
    boolean inTime =
        Deadline.in(READY_LIMIT).await(() -> !started.isAlive() || ready.getAsBoolean());
    if (!inTime || !started.isAlive()) {
      started.destroyForcibly();
      throw new IllegalStateException(
          "%s %s; the end of its log:%n%s"
              .formatted(
                  this,
                  inTime
                      ? "ended at start"
                      : "was not ready after " + READY_LIMIT.toSeconds() + " s",
                  logTail()));
    }
  }

  private Process launch() {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().clear();
    builder.environment().put("PATH", path);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(this + " cannot be started by " + command, e);
    }
  }

  synchronized long pid() {
    return current().pid();
  }

  synchronized boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** Ends the daemon by SIGKILL and waits for its end. Does nothing if it has ended. */
  synchronized void kill() {
    if (process != null) {
      process.destroyForcibly();
      awaitExit(process);
    }
  }

  /** Sends a signal by its shell name, such as {@code STOP}, with the builtin kill of the shell. */
  synchronized void signal(String signal) {
    Command.run("/bin/sh", "-c", "kill -" + signal + " " + pid()).orThrow();
  }

  /** Stops the daemon and waits, because the kernel stops its threads one by one. */
  synchronized void pause() {
    signal("STOP");
    long pid = pid();
    if (!Deadline.in(EXIT_LIMIT).await(() -> ProcessTable.isStopped(pid))) {
      throw new IllegalStateException(this + " is still running after SIGSTOP");
    }
  }

  private Process current() {
    if (process == null || !process.isAlive()) {
      throw new IllegalStateException(this + " is not running");
    }
    return process;
  }

  private void awaitExit(Process ending) {
    try {
      if (!ending.waitFor(EXIT_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(
            this + " has survived SIGKILL for " + EXIT_LIMIT.toSeconds() + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the end of " + this, e);
    }
  }

  /** The whole log. */
  String log() {
    try {
      return Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      throw new UncheckedIOException("the log of " + this + " cannot be read", e);
    }
  }

  /** The last lines of the log. */
  String logTail() {
    List<String> lines = log().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
  }

  @Override
  public String toString() {
    return name;
  }
}
