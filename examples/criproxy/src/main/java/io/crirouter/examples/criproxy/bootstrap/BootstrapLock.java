package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The lock of a node: one bootstrap at a time changes it, from the node or from a pod. */
final class BootstrapLock {
  private static final Duration WAIT_LIMIT = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private BootstrapLock() {}

  private static Optional<NodeFiles.Lock> tryTake(Node node) throws IOException {
    return node.files().lock(JournalFile.LOCK, String.valueOf(ProcessHandle.current().pid()));
  }

  /**
   * Takes the lock.
   *
   * @throws RefusedException if another process has it
   */
  static NodeFiles.Lock take(Node node) throws IOException, RefusedException {
    Optional<NodeFiles.Lock> lock = tryTake(node);
    if (lock.isEmpty()) {
      throw new RefusedException(
          "another criproxy bootstrap runs on this node, pid "
              + node.files().read(JournalFile.LOCK).orElse("unknown")
              + ": wait until it has finished");
    }
    return lock.get();
  }

  /**
   * Takes the lock after the time limit of an installation. A process that still holds it after 30
   * seconds hangs, and is killed. The journal has its progress, so that this loses nothing.
   */
  static NodeFiles.Lock takeByForce(Node node)
      throws IOException, InterruptedException, RefusedException {
    long end = node.nanoTime() + WAIT_LIMIT.toNanos();
    while (node.nanoTime() - end < 0) {
      Optional<NodeFiles.Lock> lock = tryTake(node);
      if (lock.isPresent()) {
        return lock.get();
      }
      node.pause(PAUSE);
    }
    String holder = node.files().read(JournalFile.LOCK).orElse("");
    for (NodeProcess process : node.processes()) {
      if (holder.equals(String.valueOf(process.pid())) && process.command().contains("bootstrap")) {
        CommandResult unused = node.run(LIMIT, List.of("kill", "-9", holder));
        node.pause(PAUSE);
      }
    }
    return take(node);
  }
}
