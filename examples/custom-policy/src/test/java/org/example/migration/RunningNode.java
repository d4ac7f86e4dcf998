package org.example.migration;

import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.testkit.CriClient;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** The program on a thread of its own. */
final class RunningNode implements AutoCloseable {
  private final FutureTask<Void> program;
  private final Thread thread;

  private RunningNode(NodeMigration migration) {
    program =
        new FutureTask<>(
            () -> {
              run(migration);
              return null;
            });
    thread = new Thread(program, migration.toString());
  }

  /** Starts the program, and waits until it answers. */
  static RunningNode start(NodeMigration migration, CriClient kubelet) {
    RunningNode node = new RunningNode(migration);
    node.thread.start();
    var answer = kubelet.runtime().withWaitForReady().version(VersionRequest.getDefaultInstance());
    return node;
  }

  private static void run(NodeMigration migration) throws IOException {
    try {
      migration.run();
    } catch (InterruptedException e) {
      // close() interrupts the thread.
    }
  }

  /** Stops the program. */
  @Override
  public void close() throws InterruptedException, ExecutionException {
    thread.interrupt();
    program.get();
  }
}
