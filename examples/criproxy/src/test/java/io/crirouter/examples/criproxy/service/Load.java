package io.crirouter.examples.criproxy.service;

import io.crirouter.testkit.CriClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that call without pause: some keep their connection, some open one for each round, as
 * crictl does. Each pod of a round must be there until it is removed.
 */
public final class Load implements AutoCloseable {
  private final List<Thread> threads = new ArrayList<>();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final AtomicLong rounds = new AtomicLong();
  private volatile boolean isOver;

  /**
   * @param namespace the namespace of the pods
   * @param staying the number of clients that keep their connection
   * @param coming the number of clients that open a connection for each round
   */
  public Load(Path socket, String namespace, int staying, int coming) {
    for (int i = 0; i < staying + coming; i++) {
      String name = "pod" + i;
      boolean stays = i < staying;
      Thread thread = new Thread(() -> call(socket, namespace, name, stays), "load-" + i);
      thread.start();
      threads.add(thread);
    }
  }

  private void call(Path socket, String namespace, String name, boolean stays) {
    while (!isOver) {
      try (CriClient client = CriClient.connect(socket)) {
        do {
          round(client, namespace, name + "-" + rounds.incrementAndGet());
        } while (stays && !isOver);
      }
    }
  }

  private void round(CriClient client, String namespace, String name) {
    String doing = "run " + name;
    try {
      String pod = ServedNode.run(client, namespace, name);
      doing = "status of " + pod;
      ServedNode.status(client, pod);
      doing = "list";
      if (!ServedNode.pods(client).contains(pod)) {
        failures.add(pod + " is not listed");
      }
      doing = "remove " + pod;
      ServedNode.remove(client, pod);
    } catch (RuntimeException e) {
      failures.add(doing + ": " + e);
    }
  }

  public long rounds() {
    return rounds.get();
  }

  /** Waits for this many further rounds. */
  public void awaitRounds(long count) throws Exception {
    long end = rounds() + count;
    Await.until("calls go on", () -> rounds() >= end);
  }

  /** Ends the load; returns the failures. */
  public List<String> failures() throws InterruptedException {
    close();
    return List.copyOf(failures);
  }

  @Override
  public void close() throws InterruptedException {
    isOver = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
