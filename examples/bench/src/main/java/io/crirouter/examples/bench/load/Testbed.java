package io.crirouter.examples.bench.load;

import io.crirouter.examples.bench.RuntimesProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The process of the fake runtimes and the folder of all sockets. Starts the proxies.
 *
 * <p>{@link #WHOLE} has as many containers as {@link #FIRST} and {@link #SECOND} together, so that
 * its list has as many bytes as the merged one.
 */
final class Testbed implements AutoCloseable {
  static final String WHOLE = "whole";
  static final String FIRST = "first";
  static final String SECOND = "second";

  private final Path folder;
  private final List<String> proxyCommand;
  private final RuntimesProcess runtimes;
  private int daemons;

  /**
   * @param proxyCommand the command that starts criproxy, without arguments
   * @param runtimeSpecs {@code NAME=CONTAINERS} for each runtime
   */
  Testbed(List<String> proxyCommand, List<String> runtimeSpecs) throws IOException {
    this.proxyCommand = proxyCommand;
    folder = Files.createTempDirectory("cri-router-bench");
    runtimes = RuntimesProcess.start(FakeRuntimes.class, folder, runtimeSpecs);
  }

  /** The socket of a runtime. */
  Path socket(String runtime) {
    return folder.resolve(runtime + ".sock");
  }

  /** Sets the number of containers that a runtime lists. */
  void setContainers(String runtime, int containers) throws IOException {
    runtimes.send(runtime + " " + containers);
  }

  /** The same, with map entries in another order in each list, as Go writes them. */
  void setContainersInChangingOrder(String runtime, int containers) throws IOException {
    runtimes.send(runtime + " " + containers + " changing");
  }

  /** Sets the number of containers of both runtimes behind the proxy, and of WHOLE to the sum. */
  void setContainersOfEach(int containers) throws IOException {
    setContainers(WHOLE, 2 * containers);
    setContainers(FIRST, containers);
    setContainers(SECOND, containers);
  }

  /** Starts criproxy in front of {@code names}, the primary first. */
  Daemon startProxy(List<String> names) throws IOException {
    return startProxy(names, List.of());
  }

  /** The state file for a proxy. */
  Path stateFile() {
    return folder.resolve("state");
  }

  /** Starts criproxy with further options. */
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

  /** Starts nginx in front of {@link #WHOLE}, as a proxy without routing. */
  Daemon startNginx() throws IOException {
    Path socket = newSocket("nginx");
    Path config = folder.resolve(socket.getFileName() + ".conf");
    Files.writeString(config, Nginx.config(folder, socket, socket(WHOLE)));
    return new Daemon(
        List.of(Nginx.PROGRAM, "-c", config.toString(), "-e", config + ".err"), socket);
  }

  /** Starts the minimal proxy on Netty in front of {@link #WHOLE}. */
  Daemon startFramePassThrough() throws IOException {
    return startFloor(FramePassThrough.class);
  }

  /** Starts the minimal proxy on gRPC-Java in front of {@link #WHOLE}. */
  Daemon startPassThrough() throws IOException {
    return startFloor(PassThrough.class);
  }

  /** Starts a minimal proxy with the heap options of criproxy's launcher. */
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
    runtimes.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
