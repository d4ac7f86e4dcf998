package io.crirouter.examples.criproxy.service;

import io.crirouter.core.StateStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The thread that writes the state file. */
final class StateWriter implements AutoCloseable {
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(StateWriter::newThread);

  /**
   * Opens a state file.
   *
   * @param listener is notified of each save
   * @param takesOver whether a predecessor owns the file until {@link SharedState#acquire}
   * @throws IOException if state cannot be saved there; the message says why
   */
  SharedState open(Path file, StateStore.SaveListener listener, boolean takesOver)
      throws IOException {
    return new SharedState(StateStore.file(file, executor, listener), executor, takesOver);
  }

  private static Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "criproxy-state");
    thread.setDaemon(true);
    return thread;
  }

  /** Waits until the last save is written, for two seconds at most. */
  @Override
  public void close() {
    executor.shutdown();
    try {
      boolean unused = executor.awaitTermination(CLOSE_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
