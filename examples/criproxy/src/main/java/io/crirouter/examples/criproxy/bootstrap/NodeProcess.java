package io.crirouter.examples.criproxy.bootstrap;

import java.util.List;
import java.util.Optional;

/**
 * A process of the node.
 *
 * @param pid its id
 * @param started its start in clock ticks since boot; it differs for a later process with the same
 *     id
 * @param command its command line
 * @param unit the systemd unit that it belongs to
 * @param inContainer whether it has another mount namespace than the node
 */
record NodeProcess(
    long pid, long started, List<String> command, Optional<String> unit, boolean inContainer) {
  NodeProcess {
    command = List.copyOf(command);
  }

  /** The name of the program, without its folder. */
  String program() {
    return command.isEmpty() ? "" : command.get(0).substring(command.get(0).lastIndexOf('/') + 1);
  }

  /** The first argument of the program, {@code server} for example. */
  String firstArgument() {
    return command.size() < 2 ? "" : command.get(1);
  }
}
