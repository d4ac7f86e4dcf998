package io.crirouter.testkit;

import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One runtime of a {@link RunningRouter} with its socket. Not thread-safe. */
final class ServedRuntime {
  private final String name;
  private final TestRuntime runtime;
  private final OpenCalls calls;
  private final Path socket;
  private final EventLoops loops;
  private final @Nullable Consumer<SlowLink> throttle;
  private @Nullable CriServer server;
  private @Nullable SlowLink link;

  /**
   * @param throttle sets up the link in front of the runtime; null for a direct connection
   */
  ServedRuntime(
      String name,
      TestRuntime runtime,
      CallJournal timeline,
      Path socket,
      EventLoops loops,
      @Nullable Consumer<SlowLink> throttle) {
    this.name = name;
    this.runtime = runtime;
    this.calls = new OpenCalls(timeline.recording(name, runtime));
    this.socket = socket;
    this.loops = loops;
    this.throttle = throttle;
  }

  TestRuntime runtime() {
    return runtime;
  }

  OpenCalls calls() {
    return calls;
  }

  /** The socket that the router connects to. */
  Path socket() {
    return socket;
  }

  boolean isServed() {
    return server != null;
  }

  /** Starts the server. */
  void serve() throws IOException {
    Path serverSocket =
        throttle == null ? socket : socket.resolveSibling("behind-" + socket.getFileName());
    server = CriServer.builder(calls).socket(serverSocket).eventLoops(loops).start();
    if (throttle != null) {
      SlowLink opened = SlowLink.open(socket, serverSocket);
      throttle.accept(opened);
      link = opened;
    }
  }

  /**
   * Changes the throttling of the link.
   *
   * @throws IllegalStateException if there is no link, or if the runtime is stopped
   */
  void throttle(int bytes, Duration pause) {
    if (link == null) {
      throw new IllegalStateException(
          throttle == null
              ? "runtime "
                  + name
                  + " is connected directly: call throttled(\""
                  + name
                  + "\", ...) on the builder of the extension first"
              : "runtime " + name + " is stopped");
    }
    link.throttle(bytes, pause);
  }

  /** Stops the server. Does nothing if it is stopped. */
  void stop() throws IOException {
    SlowLink openLink = link;
    CriServer running = server;
    link = null;
    server = null;
    if (openLink != null) {
      openLink.close();
    }
    if (running != null) {
      running.shutdown(Duration.ZERO);
      running.close();
    }
  }

  @Override
  public String toString() {
    return "runtime " + name + " at " + socket;
  }
}
