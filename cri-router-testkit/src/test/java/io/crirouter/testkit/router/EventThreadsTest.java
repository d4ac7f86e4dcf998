package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.Scheduler;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.GetEventsRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ResponseStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Events from many threads, in real time. */
class EventThreadsTest {
  private static final int PODS_PER_THREAD = 50;
  private static final List<ContainerEventType> LIFECYCLE =
      List.of(
          ContainerEventType.CONTAINER_CREATED_EVENT,
          ContainerEventType.CONTAINER_STARTED_EVENT,
          ContainerEventType.CONTAINER_STOPPED_EVENT,
          ContainerEventType.CONTAINER_DELETED_EVENT);

  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService threads = Executors.newFixedThreadPool(6);
  private final FakeRuntime primary = FakeRuntime.create("containerd");
  private final FakeRuntime virtlet = FakeRuntime.create("virtlet.cloud");
  private final CriRouter router =
      CriRouter.builder()
          .scheduler(Scheduler.of(timer))
          .primary(BackendName.of("containerd"), primary)
          .secondary(BackendName.of("virtlet.cloud"), virtlet)
          .build();
  private final CriClient client = CriClient.of(router);

  @AfterEach
  void stop() {
    router.close();
    threads.shutdownNow();
    timer.shutdownNow();
  }

  @Test
  void eventsOfASandboxAreInOrderWhileClientsSubscribeAndLeave() throws Exception {
    try (ResponseStream<ContainerEventResponse> events = listen()) {
      List<Future<?>> work = new ArrayList<>();
      for (FakeRuntime runtime : List.of(primary, virtlet)) {
        for (int i = 0; i < 2; i++) {
          String name = runtime + "-" + i + "-";
          work.add(threads.submit(() -> runAndRemovePods(runtime, name)));
        }
      }
      for (int i = 0; i < 2; i++) {
        work.add(threads.submit(this::subscribeRepeatedly));
      }
      await(work);

      Map<String, List<ContainerEventType>> received = new LinkedHashMap<>();
      for (int i = 0; i < 4 * PODS_PER_THREAD * LIFECYCLE.size(); i++) {
        ContainerEventResponse event = events.next();
        received
            .computeIfAbsent(event.getContainerId(), id -> new ArrayList<>())
            .add(event.getContainerEventType());
      }
      assertThat(received).hasSize(4 * PODS_PER_THREAD);
      assertThat(received.values()).allSatisfy(life -> assertThat(life).isEqualTo(LIFECYCLE));
      assertThat(primary.eventSubscribers()).isOne();
    }
    awaitNoSubscribers();
  }

  @Test
  void noSubscriptionsAreLeftAfterTheClients() throws Exception {
    List<Future<?>> work = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      work.add(threads.submit(this::subscribeRepeatedly));
    }
    work.add(threads.submit(() -> runAndRemovePods(virtlet, "vm")));
    await(work);

    awaitNoSubscribers();
  }

  private static void await(List<Future<?>> work) throws Exception {
    for (Future<?> part : work) {
      try {
        part.get(30, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw new AssertionError("a thread failed", e);
      }
    }
  }

  /** Waits, because the thread of another client may end the subscription. */
  private void awaitNoSubscribers() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (primary.eventSubscribers() + virtlet.eventSubscribers() > 0
        && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(primary.eventSubscribers()).isZero();
    assertThat(virtlet.eventSubscribers()).isZero();
  }

  private ResponseStream<ContainerEventResponse> listen() {
    return client.stream(
        RuntimeServiceGrpc.getGetContainerEventsMethod(),
        GetEventsRequest.getDefaultInstance(),
        10_000);
  }

  private static void runAndRemovePods(FakeRuntime runtime, String name) {
    try (CriClient direct = CriClient.of(runtime)) {
      for (int i = 0; i < PODS_PER_THREAD; i++) {
        String id =
            direct
                .runtime()
                .runPodSandbox(
                    RunPodSandboxRequest.newBuilder()
                        .setConfig(SimulatedNode.pod(name + i, "anywhere"))
                        .build())
                .getPodSandboxId();
        direct
            .runtime()
            .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
      }
    }
  }

  private void subscribeRepeatedly() {
    for (int i = 0; i < 200; i++) {
      listen().close();
    }
  }
}
