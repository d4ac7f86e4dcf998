package io.crirouter.examples.node;

import io.crirouter.examples.criproxy.CriProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code criproxy run} between two runtimes, as a process of its own. */
final class Proxy implements AutoCloseable {
  /** The name of the runtime that is not the primary, and of its RuntimeClass. */
  static final String SPECIAL = "special";

  private final Path socket;
  private final Path log;
  private final List<String> command;
  private HostProcess process;

  private Proxy(Path folder, Path socket, List<String> command) {
    this.socket = socket;
    this.log = folder.resolve("criproxy.log");
    this.command = command;
    this.process = new HostProcess("criproxy", log, command);
  }

  /** Describes it; it is not started yet. */
  static Proxy of(Path folder, Path primary, Path special) throws IOException {
    Path socket = folder.resolve("criproxy.sock");
    Path config = folder.resolve("criproxy.yaml");
    Files.writeString(
        config,
        """
        listen: %1$s
        stateFile: %2$s
        backends:
          - {name: primary, endpoint: "%3$s"}
          - {name: %5$s, endpoint: "%4$s"}
        policies:
          - annotation: kubernetes.io/target-runtime
          - runtimeHandler: {%5$s: %5$s}
        """
            .formatted(socket, folder.resolve("criproxy.state"), primary, special, SPECIAL));
    List<String> command =
        JavaProgram.command(
            folder,
            JavaProgram.classPath(),
            CriProxy.class.getName(),
            List.of("run", "--config", config.toString()));
    return new Proxy(folder, socket, command);
  }

  Path socket() {
    return socket;
  }

  /** Starts it; it listens when this returns. */
  void start() {
    start(process);
  }

  private static void start(HostProcess process) {
    int before = process.log().length();
    process.start(() -> process.log().substring(before).contains("listening on"));
  }

  /** Starts another one that takes its place; returns when it has ended. */
  void handOver() {
    List<String> takeOver = new ArrayList<>(command);
    takeOver.add("--take-over");
    HostProcess successor = new HostProcess("criproxy", log, takeOver);
    start(successor);
    int code = process.awaitExit();
    if (code != 0) {
      throw new IllegalStateException("criproxy ended with " + code + ":\n" + process.logTail());
    }
    process = successor;
  }

  /** Ends it by SIGKILL. */
  void kill() {
    process.kill();
  }

  /** Ends it by SIGTERM, as a service is stopped. */
  void stop() {
    process.stop();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** All that it has logged. */
  String log() {
    return process.log();
  }

  @Override
  public void close() {
    process.close();
  }
}
