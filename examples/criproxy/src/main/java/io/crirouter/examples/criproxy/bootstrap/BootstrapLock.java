package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Lets one bootstrap at a time work on a node, whether on the node or in a pod. */
final class BootstrapLock {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private BootstrapLock() {}

  private static Optional<NodeFiles.Lock> tryTake(Node node) throws IOException {
    return node.files().lock(JournalFile.LOCK, String.valueOf(ProcessHandle.current().pid()));
  }

  /**
   * Takes the lock.
   *
   * @throws RefusedException if another has it
   */
  static NodeFiles.Lock take(Node node) throws IOException, RefusedException {
    Optional<NodeFiles.Lock> lock = tryTake(node);
    if (lock.isEmpty()) {
      throw new RefusedException(
          "another criproxy bootstrap works on this node, pid "
              + node.files().read(JournalFile.LOCK).orElse("unknown")
              + ": let it finish");
    }
    return lock.get();
  }

  /**
   * Takes the lock when time is up: who still has it then, hangs, and is killed. Since the journal
   * says how far it got, that is no worse than waiting.
   */
  static NodeFiles.Lock takeAtLast(Node node)
      throws IOException, InterruptedException, RefusedException {
    long end = node.nanoTime() + PATIENCE.toNanos();
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
