package io.crirouter.examples.bench.changes;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.examples.bench.ProcessUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A proxy with a configuration file, which hands over to its successors. */
final class ChangingProxy implements AutoCloseable {
  private static final Pattern TAKEN_OVER = Pattern.compile("process (\\d+) has taken over");
  private static final int LAST_LINES = 40;
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  /** The limit for the end of a process, which waits for its calls. */
  private static final Duration END_LIMIT = Duration.ofSeconds(30);

  private final String program;
  private final Path file;
  private final Path log;
  private final Path admin;
  private ProcessHandle current;

  /**
   * Starts the proxy, and waits until it listens.
   *
   * @param program the command that starts criproxy
   * @param file its configuration, whose listen socket is {@code criproxy.sock} in the same folder
   */
  ChangingProxy(String program, Path file, Path log) throws IOException {
    this.program = program;
    this.file = file;
    this.log = log;
    this.admin = file.resolveSibling("criproxy-admin.sock");
    current = start("run", "--config", file.toString()).toHandle();
    await("listening on");
  }

  private Process start(String... command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(program);
    builder.command().addAll(List.of(command));
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  private void await(String text) throws IOException {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (!Files.readString(log).contains(text)) {
      if (System.nanoTime() > end || !current.isAlive()) {
        throw new IOException("the proxy has not logged '" + text + "': " + Files.readString(log));
      }
      Thread.onSpinWait();
    }
  }

  /** Replaces the configuration file, which the proxy notices. */
  void configure(String text) throws IOException {
    Files.writeString(file, text);
  }

  /** The number of reloads of the configuration. */
  long reloads() throws IOException {
    try (Stream<String> lines = Files.lines(log)) {
      return lines.filter(line -> line.contains("configuration reloaded")).count();
    }
  }

  /** Makes the proxy hand over to a successor, and waits for the end of the former process. */
  void handOver() throws IOException, InterruptedException {
    Process command =
        new ProcessBuilder(program, "hand-over", "--admin=" + admin)
            .redirectErrorStream(true)
            .start();
    String output = new String(command.getInputStream().readAllBytes(), UTF_8);
    Matcher pid = TAKEN_OVER.matcher(output);
    if (command.waitFor() != 0 || !pid.find()) {
      throw new IOException("no hand-over: " + output + lastLines());
    }
    ProcessHandle former = current;
    current = ProcessHandle.of(Long.parseLong(pid.group(1))).orElseThrow();
    try {
      former.onExit().get(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      throw new IOException("the former process does not end", e);
    }
  }

  private String lastLines() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }

  ProcessUsage usage() throws IOException {
    return ProcessUsage.of(current.pid());
  }

  @Override
  public void close() {
    current.destroy();
    try {
      Object unused = current.onExit().get(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      current.destroyForcibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      current.destroyForcibly();
    }
  }
}
