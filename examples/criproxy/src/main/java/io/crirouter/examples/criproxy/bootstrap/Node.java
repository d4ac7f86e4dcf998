package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.core.RuntimeBackend;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The machine that a kubelet runs on, as far as the bootstrap looks at it or changes it. */
interface Node {
  NodeFiles files();

  /** All processes of the machine. */
  List<NodeProcess> processes() throws IOException;

  /**
   * Runs a program of the node. One that is not there has exit code 127.
   *
   * @param limit when it is killed, which is an {@link IOException}
   */
  CommandResult run(Duration limit, List<String> command) throws IOException;

  /** Whether a GET of {@code url} is answered with 200 within a few seconds. */
  boolean answersOk(URI url);

  /** The runtime that listens at {@code socket}. The caller closes it, if it is AutoCloseable. */
  RuntimeBackend runtime(String socket);

  /** For waiting; does not jump. */
  long nanoTime();

  /** For people to read; may jump. */
  Instant now();

  void pause(Duration time) throws InterruptedException;
}
