package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.core.RuntimeBackend;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The operations of the bootstrap on the machine of a kubelet. */
interface Node {
  NodeFiles files();

  /** All processes of the machine. */
  List<NodeProcess> processes() throws IOException;

  /**
   * Runs a program of the node. The exit code of a missing program is 127.
   *
   * @param limit when it is killed, which throws an {@link IOException}
   */
  CommandResult run(Duration limit, List<String> command) throws IOException;

  /** Whether a GET of {@code url} is answered with 200 within a few seconds. */
  boolean answersOk(URI url);

  /** The runtime that listens at {@code socket}. The caller closes it, if it is AutoCloseable. */
  RuntimeBackend runtime(String socket);

  /** A monotonic clock, for waiting. */
  long nanoTime();

  /** The wall clock, for messages. */
  Instant now();

  void pause(Duration time) throws InterruptedException;
}
