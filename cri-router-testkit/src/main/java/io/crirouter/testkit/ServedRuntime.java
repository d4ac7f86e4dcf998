package io.crirouter.testkit;

import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One runtime behind a {@link RunningRouter}, and its socket. To be used by one thread. */
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
   * @param throttle how a link in between is set up; null if there is none
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

  /** Where it is to be connected to. */
  Path socket() {
    return socket;
  }

  boolean isServed() {
    return server != null;
  }

  /** Starts its server. */
  void serve() throws IOException {
    Path own = throttle == null ? socket : socket.resolveSibling("behind-" + socket.getFileName());
    server = CriServer.builder(calls).socket(own).eventLoops(loops).start();
    if (throttle != null) {
      SlowLink opened = SlowLink.open(socket, own);
      throttle.accept(opened);
      link = opened;
    }
  }

  /**
   * Lets answers pass in pieces.
   *
   * @throws IllegalStateException if it is not behind a link, or if it is stopped
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

  /** Stops its server; nothing if it is stopped. */
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
