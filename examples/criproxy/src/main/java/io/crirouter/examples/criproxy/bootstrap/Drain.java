package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.proto.v1.PodSandbox;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Evicts the pods of other runtimes from a cordoned node. */
final class Drain {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final Node node;
  private final Journal journal;
  private final Consumer<String> log;

  Drain(Node node, Journal journal, Consumer<String> log) {
    this.node = node;
    this.journal = journal;
    this.log = log;
  }

  /** Cordons the node, evicts the pods, runs {@code removal}, and uncordons the node. */
  void runDrained(Removal removal) throws IOException, InterruptedException, RefusedException {
    ApiServer server = new ApiServer(node, Kubelet.detect(node));
    boolean wasSchedulable = server.isSchedulable();
    if (wasSchedulable) {
      server.setSchedulable(false);
    }
    try {
      evictAll(server);
      removal.run();
    } finally {
      if (wasSchedulable) {
        server.setSchedulable(true);
      }
    }
  }

  /** An action on the drained node. */
  @FunctionalInterface
  interface Removal {
    void run() throws IOException, InterruptedException, RefusedException;
  }

  private void evictAll(ApiServer server)
      throws IOException, InterruptedException, RefusedException {
    long end = node.nanoTime() + LIMIT.toNanos();
    List<PodSandbox> pods = OtherPods.list(node, journal);
    while (!pods.isEmpty()) {
      if (node.nanoTime() - end >= 0) {
        throw new RefusedException(
            "these pods were evicted, but still run or run again: "
                + OtherPods.names(pods)
                + ". Check their disruption budgets, and the DaemonSets that they belong to");
      }
      log.accept("evicting " + OtherPods.names(pods));
      for (PodSandbox pod : pods) {
        server.evict(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
      }
      node.pause(PAUSE);
      pods = OtherPods.list(node, journal);
    }
  }
}
