package io.crirouter.examples.bench.soak;

import io.crirouter.core.RoutingPolicy;
import io.crirouter.examples.bench.soak.Latencies.Kind;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ListContainerStatsRequest;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.testkit.CriClient;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A client that makes the calls of a kubelet. It counts failures: failed calls, lists that lack a
 * pod or container, and missing events. Used by one thread.
 */
final class SoakKubelet implements AutoCloseable {
  static final String IMAGE = "busybox";

  private static final long EVENT_LIMIT_MILLIS = 5000;
  private static final int STATUSES = 20;
  private static final int EXECS = 2;
  private static final int ROUNDS_PER_IMAGE_LIST = 5;
  private static final int MAX_REPORTED_FAILURES = 20;

  private final CriClient client;
  private final EventListener events;

  /** The containers of healthy runtimes, which are called. */
  private final List<String> containers = new ArrayList<>();

  private Latencies latencies = new Latencies();
  private int pods;
  private int rounds;
  private int failures;

  SoakKubelet(Path socket) {
    client = CriClient.connect(socket);
    events = EventListener.on(client.channel());
  }

  /** Starts a new phase of the measurement. */
  void resetLatencies() {
    latencies = new Latencies();
  }

  Latencies latencies() {
    return latencies;
  }

  /** The number of failures since the start. */
  int failures() {
    return failures;
  }

  long eventsReceived() {
    return events.received();
  }

  private RuntimeServiceBlockingStub runtime() {
    return client.runtime();
  }

  /**
   * Runs pods with one container each, which are not removed.
   *
   * @param called whether rounds call the containers
   */
  void runPods(String target, int count, boolean called) {
    for (int i = 0; i < count; i++) {
      PodSandboxConfig config = config(target, target + i);
      String sandbox = run(config);
      String container =
          runtime()
              .createContainer(
                  CreateContainerRequest.newBuilder()
                      .setPodSandboxId(sandbox)
                      .setSandboxConfig(config)
                      .setConfig(
                          ContainerConfig.newBuilder()
                              .setMetadata(ContainerMetadata.newBuilder().setName("main"))
                              .setImage(ImageSpec.newBuilder().setImage(IMAGE)))
                      .build())
              .getContainerId();
      var unused =
          runtime()
              .startContainer(StartContainerRequest.newBuilder().setContainerId(container).build());
      pods++;
      if (called) {
        containers.add(container);
      }
    }
  }

  private static PodSandboxConfig config(String target, String name) {
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder().setName(name).setNamespace("soak").setUid(name))
        .putAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, target)
        .build();
  }

  private String run(PodSandboxConfig config) {
    return runtime()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build())
        .getPodSandboxId();
  }

  /** Makes the calls of a kubelet in one second. */
  void round(List<String> healthyRuntimes) {
    rounds++;
    expectAll(
        "ListPodSandbox",
        call(
            Kind.LISTS,
            "ListPodSandbox",
            () ->
                runtime()
                    .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                    .getItemsCount()));
    expectAll(
        "ListContainers",
        call(
            Kind.LISTS,
            "ListContainers",
            () ->
                runtime()
                    .listContainers(ListContainersRequest.getDefaultInstance())
                    .getContainersCount()));
    call(Kind.BY_ID, "Status", () -> runtime().status(StatusRequest.getDefaultInstance()));
    for (int i = 0; i < STATUSES; i++) {
      String id = containers.get((rounds * STATUSES + i * 7) % containers.size());
      call(
          Kind.BY_ID,
          "ContainerStatus",
          () ->
              runtime()
                  .containerStatus(ContainerStatusRequest.newBuilder().setContainerId(id).build()));
    }
    for (int i = 0; i < EXECS; i++) {
      String id = containers.get((rounds + i * 11) % containers.size());
      call(
          Kind.BY_ID,
          "ExecSync",
          () ->
              runtime()
                  .execSync(
                      ExecSyncRequest.newBuilder().setContainerId(id).addCmd("true").build()));
    }
    if (rounds % ROUNDS_PER_IMAGE_LIST == 0) {
      call(
          Kind.IMAGES_AND_STATS,
          "ListImages",
          () -> client.images().listImages(ListImagesRequest.getDefaultInstance()));
      call(
          Kind.IMAGES_AND_STATS,
          "ListContainerStats",
          () -> runtime().listContainerStats(ListContainerStatsRequest.getDefaultInstance()));
    }
    runAndRemovePod(healthyRuntimes.get(rounds % healthyRuntimes.size()));
    if (events.end() != null) {
      fail("events: " + events.end());
    }
  }

  private void expectAll(String rpc, int count) {
    // More is no failure: the flooding runtime has pods of its own.
    if (count >= 0 && count < pods) {
      fail(rpc + " has " + count + " of " + pods);
    }
  }

  /** Returns the number that the call returns, 0 if it returns none, or -1 if it has failed. */
  private int call(Kind kind, String rpc, Supplier<?> call) {
    long start = System.nanoTime();
    try {
      Object result = call.get();
      latencies.add(kind, System.nanoTime() - start);
      return result instanceof Integer count ? count : 0;
    } catch (StatusRuntimeException e) {
      fail(rpc + ": " + e.getStatus());
      return -1;
    }
  }

  private void runAndRemovePod(String target) {
    String[] sandbox = {""};
    int unused =
        call(
            Kind.BY_ID, "RunPodSandbox", () -> sandbox[0] = run(config(target, "short-" + rounds)));
    if (sandbox[0].isEmpty()) {
      return;
    }
    events.expectDeletion(sandbox[0]);
    long start = System.nanoTime();
    call(
        Kind.BY_ID,
        "RemovePodSandbox",
        () ->
            runtime()
                .removePodSandbox(
                    RemovePodSandboxRequest.newBuilder().setPodSandboxId(sandbox[0]).build()));
    try {
      if (events.awaitDeletion(sandbox[0], EVENT_LIMIT_MILLIS)) {
        latencies.add(Kind.EVENTS, System.nanoTime() - start);
      } else {
        fail("no event of " + sandbox[0] + " within " + EVENT_LIMIT_MILLIS + " ms");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void fail(String what) {
    if (failures < MAX_REPORTED_FAILURES) {
      System.err.println("soak: round " + rounds + " failed: " + what);
    }
    failures++;
  }

  @Override
  public void close() {
    client.close();
  }
}
