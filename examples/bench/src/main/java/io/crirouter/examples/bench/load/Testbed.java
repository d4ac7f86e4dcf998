package io.crirouter.examples.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The fake runtimes in their process, the folder with all sockets, and how to start the proxies.
 *
 * <p>{@link #WHOLE} alone has as many containers as {@link #FIRST} and {@link #SECOND} together, so
 * that a direct call to it brings the client as many bytes as the merged list does.
 */
final class Testbed implements AutoCloseable {
  static final String WHOLE = "whole";
  static final String FIRST = "first";
  static final String SECOND = "second";

  private final Path folder;
  private final List<String> proxyCommand;
  private final Process runtimes;
  private final Writer commands;
  private final BufferedReader replies;
  private int daemons;

  /**
   * @param proxyCommand what starts criproxy, without its arguments
   * @param runtimeSpecs {@code NAME=CONTAINERS} for each runtime
   */
  Testbed(List<String> proxyCommand, List<String> runtimeSpecs) throws IOException {
    this.proxyCommand = proxyCommand;
    folder = Files.createTempDirectory("cri-router-bench");
    runtimes = RuntimesProcess.start(FakeRuntimes.class, folder, runtimeSpecs);
    commands = new OutputStreamWriter(runtimes.getOutputStream(), UTF_8);
    replies = new BufferedReader(new InputStreamReader(runtimes.getInputStream(), UTF_8));
    awaitReply();
  }

  /** The socket of a runtime. */
  Path socket(String runtime) {
    return folder.resolve(runtime + ".sock");
  }

  /** Makes a runtime list its first {@code containers} from now on. */
  void hold(String runtime, int containers) throws IOException {
    command(runtime + " " + containers);
  }

  /** The same, with the entries of maps in another order each time, as Go writes them. */
  void holdInChangingOrder(String runtime, int containers) throws IOException {
    command(runtime + " " + containers + " changing");
  }

  private void command(String line) throws IOException {
    commands.write(line + "\n");
    commands.flush();
    awaitReply();
  }

  /** Makes both runtimes behind the proxy list that many, and the direct one as many in all. */
  void holdEach(int containers) throws IOException {
    hold(WHOLE, 2 * containers);
    hold(FIRST, containers);
    hold(SECOND, containers);
  }

  private void awaitReply() throws IOException {
    if (!"ok".equals(replies.readLine())) {
      throw new IOException("the process with the fake runtimes has failed; see above");
    }
  }

  /** Starts criproxy in front of {@code names}, the primary first. */
  Daemon startProxy(List<String> names) throws IOException {
    return startProxy(names, List.of());
  }

  /** Where a proxy can keep its state. */
  Path stateFile() {
    return folder.resolve("state");
  }

  /** Starts criproxy with more options. */
  Daemon startProxy(List<String> names, List<String> options) throws IOException {
    Path socket = newSocket("criproxy");
    StringBuilder connect = new StringBuilder(socket(names.get(0)).toString());
    names.stream()
        .skip(1)
        .forEach(name -> connect.append(',').append(name).append(':').append(socket(name)));
    List<String> command = new ArrayList<>(proxyCommand);
    command.addAll(
        List.of(
            "run",
            "--log-level",
            "warn",
            "--listen",
            socket.toString(),
            "--connect",
            connect.toString()));
    command.addAll(options);
    return new Daemon(command, socket);
  }

  /** Starts nginx in front of {@link #WHOLE}: what a proxy costs that does no routing at all. */
  Daemon startNginx() throws IOException {
    Path socket = newSocket("nginx");
    Path config = folder.resolve(socket.getFileName() + ".conf");
    Files.writeString(config, Nginx.config(folder, socket, socket(WHOLE)));
    return new Daemon(
        List.of(Nginx.PROGRAM, "-c", config.toString(), "-e", config + ".err"), socket);
  }

  /** Starts the least that Netty alone can do, in front of {@link #WHOLE}. */
  Daemon startFramePassThrough() throws IOException {
    return startFloor(FramePassThrough.class);
  }

  /** Starts the least that gRPC-Java can do, in front of {@link #WHOLE}. */
  Daemon startPassThrough() throws IOException {
    return startFloor(PassThrough.class);
  }

  /** With the heap of criproxy's launcher. */
  private Daemon startFloor(Class<?> program) throws IOException {
    Path socket = newSocket(program.getSimpleName());
    return new Daemon(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-Xms28m",
            "-Xmn20m",
            "-XX:SurvivorRatio=2",
            "-XX:TargetSurvivorRatio=90",
            "-cp",
            System.getProperty("java.class.path"),
            program.getName(),
            socket.toString(),
            socket(WHOLE).toString()),
        socket);
  }

  private Path newSocket(String name) {
    return folder.resolve(name + daemons++ + ".sock");
  }

  @Override
  public void close() throws IOException {
    commands.close();
    runtimes.destroy();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
