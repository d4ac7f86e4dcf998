package io.crirouter.examples.criproxy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A process of {@code criproxy}, by default {@code criproxy run}. */
final class ProxyProcess implements AutoCloseable {
  private static final long LIMIT_SECONDS = 20;

  /** Long, for a busy machine. */
  private static final long OUTPUT_LIMIT_SECONDS = 60;

  private static final String END = "";

  private final Process process;
  private final StringBuilder output = new StringBuilder();

  /** Lines with their ends, and then {@link #END}. */
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  private @Nullable Thread reader;

  private ProxyProcess(Process process) {
    this.process = process;
  }

  static ProxyProcess run(String... options) throws IOException {
    return command("run", options);
  }

  /** Starts another command than {@code run}. */
  static ProxyProcess command(String name, String... options) throws IOException {
    return new ProxyProcess(builder(List.of(), name, options).redirectErrorStream(true).start());
  }

  static ProxyProcess runWith(List<String> jvmOptions, String... options) throws IOException {
    return new ProxyProcess(builder(jvmOptions, "run", options).redirectErrorStream(true).start());
  }

  /** Starts a proxy with more environment variables. */
  static ProxyProcess runIn(Map<String, String> environment, String... options) throws IOException {
    ProcessBuilder builder = builder(List.of(), "run", options).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return new ProxyProcess(builder.start());
  }

  /** Starts a proxy whose parent ignores SIGHUP. */
  static ProxyProcess runUnderNohup(String... options) throws IOException {
    ProcessBuilder builder = builder(List.of(), "run", options).redirectErrorStream(true);
    builder.command().add(0, "nohup");
    return new ProxyProcess(builder.start());
  }

  /** Starts a proxy with this standard error. */
  static ProxyProcess runSayingTo(File stderr, String... options) throws IOException {
    return new ProxyProcess(builder(List.of(), "run", options).redirectError(stderr).start());
  }

  private static ProcessBuilder builder(List<String> jvmOptions, String name, String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmOptions);
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(CriProxy.class.getName(), name));
    command.addAll(List.of(options));
    ProcessBuilder builder = new ProcessBuilder(command);
    // The launchers set this too.
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    return builder;
  }

  /** Reads the output until a line contains {@code text}; returns all output so far. */
  String until(String text) throws InterruptedException {
    for (String line = nextLine(text); !line.equals(END); line = nextLine(text)) {
      if (line.contains(text)) {
        return output.toString();
      }
    }
    throw new AssertionError("the proxy ended without the output '" + text + "': " + output);
  }

  /** The next line; {@link #END} after the end of the output. */
  private String nextLine(String awaited) throws InterruptedException {
    if (reader == null) {
      reader = new Thread(this::read, "output of " + process.pid());
      reader.setDaemon(true);
      reader.start();
    }
    String line = lines.poll(OUTPUT_LIMIT_SECONDS, TimeUnit.SECONDS);
    if (line == null) {
      throw new AssertionError(
          "not within " + OUTPUT_LIMIT_SECONDS + " s: '" + awaited + "'; output: " + output);
    }
    if (line.equals(END)) {
      lines.add(END);
    }
    output.append(line);
    return line;
  }

  private void read() {
    try (BufferedReader stdout =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      stdout.lines().map(line -> line + "\n").forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      // It was killed.
    } finally {
      lines.add(END);
    }
  }

  String untilItListens() throws InterruptedException {
    return until("listening on");
  }

  /** Waits until it listens on {@code socket}, without reading its output. */
  void awaitSocket(Path socket) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!Files.exists(socket)) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new AssertionError("the proxy does not listen");
      }
      Thread.onSpinWait();
    }
  }

  /** Sends SIGTERM. */
  void terminate() {
    // Unlike Process.destroy, this leaves the output readable.
    process.toHandle().destroy();
  }

  /** Sends a signal, {@code HUP} for example. */
  void signal(String name) throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    if (kill.waitFor() != 0) {
      throw new AssertionError("cannot send SIG" + name);
    }
  }

  /** Its peak memory so far. */
  long peakMib() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      String peak = lines.filter(line -> line.startsWith("VmHWM:")).findFirst().orElseThrow();
      return Long.parseLong(peak.replaceAll("\\D", "")) >> 10;
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for its end; returns its exit code. */
  int awaitExit() throws InterruptedException {
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("the proxy did not end");
    }
    return process.exitValue();
  }

  /** All its output, after its end. */
  String output() throws InterruptedException {
    String line = nextLine("its end");
    while (!line.equals(END)) {
      line = nextLine("its end");
    }
    return output.toString();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
