package io.crirouter.examples.criproxy.bootstrap;

import java.util.List;
import java.util.Optional;

/**
 * A process of the node.
 *
 * @param pid its id
 * @param started when it was started, in clock ticks since boot; tells it from another process that
 *     gets the same id later
 * @param command its command line
 * @param unit the systemd unit that it belongs to
 * @param inContainer whether it has a root folder of its own
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

  /** The word after the name of the program, such as {@code server}. */
  String firstArgument() {
    return command.size() < 2 ? "" : command.get(1);
  }
}
