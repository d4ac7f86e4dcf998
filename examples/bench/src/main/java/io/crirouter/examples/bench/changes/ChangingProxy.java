package io.crirouter.examples.bench.changes;

import static java.nio.charset.StandardCharsets.UTF_8;

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

/** A proxy with a configuration file, and each of its successors. */
final class ChangingProxy implements AutoCloseable {
  private static final Pattern TAKEN_OVER = Pattern.compile("process (\\d+) has taken over");
  private static final int LAST_LINES = 40;
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  /** Besides calls, of which none takes that long here. */
  private static final Duration END_LIMIT = Duration.ofSeconds(30);

  private final String program;
  private final Path file;
  private final Path log;
  private final Path admin;
  private ProcessHandle current;

  /**
   * What the present process holds.
   *
   * @param residentMib its memory
   * @param descriptors its open files
   */
  record Usage(double residentMib, long descriptors) {}

  /**
   * @param program what starts criproxy
   * @param file its configuration, with the listen socket {@code criproxy.sock} beside it
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
        throw new IOException("the proxy does not say '" + text + "': " + Files.readString(log));
      }
      Thread.onSpinWait();
    }
  }

  /** Gives it another configuration, which it notices by itself. */
  void configure(String text) throws IOException {
    Files.writeString(file, text);
  }

  /** How often the configuration was read again, and how often with success. */
  long reloads() throws IOException {
    try (Stream<String> lines = Files.lines(log)) {
      return lines.filter(line -> line.contains("configuration reloaded")).count();
    }
  }

  /** Lets it hand over, and waits for the end of the former process. */
  void handOver() throws IOException, InterruptedException {
    Process command =
        new ProcessBuilder(program, "hand-over", "--admin=" + admin)
            .redirectErrorStream(true)
            .start();
    String said = new String(command.getInputStream().readAllBytes(), UTF_8);
    Matcher pid = TAKEN_OVER.matcher(said);
    if (command.waitFor() != 0 || !pid.find()) {
      throw new IOException("no hand-over: " + said + lastLines());
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

  Usage usage() throws IOException {
    Path proc = Path.of("/proc/" + current.pid());
    double resident = 0;
    for (String line : Files.readAllLines(proc.resolve("status"))) {
      if (line.startsWith("VmRSS:")) {
        resident = Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
      }
    }
    try (Stream<Path> descriptors = Files.list(proc.resolve("fd"))) {
      return new Usage(resident, descriptors.count());
    }
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
