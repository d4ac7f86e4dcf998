package io.crirouter.examples.bench.changes;

import io.crirouter.core.RoutingPolicy;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that repeatedly run a pod, get its status, list pods and remove it, at a fixed total rate
 * of calls. Every fourth client opens a connection for each pod, as crictl does.
 */
final class PacedClients implements AutoCloseable {
  private static final int CALLS_PER_ROUND = 4;
  private static final int MAX_REPORTED_FAILURES = 20;

  private final Path socket;
  private final List<String> runtimes;
  private final Duration period;
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private volatile boolean stopped;

  /**
   * Starts the clients.
   *
   * @param runtimes the runtimes of the pods, in turn
   * @param callsPerSecond the rate of all clients together
   */
  PacedClients(Path socket, List<String> runtimes, int clients, int callsPerSecond) {
    this.socket = socket;
    this.runtimes = runtimes;
    this.period =
        Duration.ofSeconds(1)
            .multipliedBy((long) clients * CALLS_PER_ROUND)
            .dividedBy(callsPerSecond);
    for (int i = 0; i < clients; i++) {
      int number = i;
      Thread thread = new Thread(() -> run(number), "client-" + i);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
  }

  private void run(int number) {
    boolean keepsConnection = number % 4 != 3;
    long due = System.nanoTime();
    long round = 0;
    while (!stopped) {
      try (CriClient client = CriClient.connect(socket)) {
        do {
          awaitTime(due);
          due += period.toNanos();
          round(client, runtimes.get((int) (round % runtimes.size())), number + "-" + round++);
        } while (keepsConnection && !stopped);
      }
    }
  }

  private static void awaitTime(long nanoTime) {
    for (long left = nanoTime - System.nanoTime(); left > 0; left = nanoTime - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private void round(CriClient client, String runtime, String name) {
    String step = "RunPodSandbox at " + runtime;
    try {
      PodSandboxConfig config =
          PodSandboxConfig.newBuilder()
              .setMetadata(
                  PodSandboxMetadata.newBuilder().setName(name).setUid(name).setNamespace("soak"))
              .putAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, runtime)
              .build();
      String pod =
          client
              .runtime()
              .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build())
              .getPodSandboxId();
      calls.incrementAndGet();
      step = "PodSandboxStatus of " + pod;
      var unused =
          client
              .runtime()
              .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build());
      calls.incrementAndGet();
      step = "ListPodSandbox";
      boolean isListed =
          client
              .runtime()
              .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
              .getItemsList()
              .stream()
              .anyMatch(item -> item.getId().equals(pod));
      calls.incrementAndGet();
      if (!isListed) {
        fail(pod + " is not listed");
      }
      step = "RemovePodSandbox of " + pod;
      var unusedAnswer =
          client
              .runtime()
              .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
      calls.incrementAndGet();
    } catch (StatusRuntimeException e) {
      fail(step + ": " + e.getStatus());
    }
  }

  private void fail(String what) {
    if (failures.incrementAndGet() <= MAX_REPORTED_FAILURES) {
      System.err.println("changes: failed: " + what);
    }
  }

  long calls() {
    return calls.get();
  }

  long failures() {
    return failures.get();
  }

  /** Stops the clients, and waits for their last calls. */
  void end() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Override
  public void close() {
    stopped = true;
  }
}
