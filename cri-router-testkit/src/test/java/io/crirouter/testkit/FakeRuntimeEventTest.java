package io.crirouter.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.GetEventsRequest;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FakeRuntimeEventTest {
  private final FakeRuntime runtime = FakeRuntime.named("containerd").images("busybox").build();
  private final CriClient client = CriClient.of(runtime);

  @Test
  void theLifecycleOfAPodIsReportedByEvents() {
    try (ResponseStream<ContainerEventResponse> events = client.events()) {
      String pod = Requests.runPod(client, "web");
      String app = Requests.startNew(client, pod, "app");
      client
          .runtime()
          .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
      client
          .runtime()
          .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(app).build());
      client
          .runtime()
          .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());

      assertThat(arrived(events))
          .extracting(event -> name(event, pod, app))
          .containsExactly(
              "pod CREATED",
              "pod STARTED",
              "app CREATED",
              "app STARTED",
              "app STOPPED",
              "pod STOPPED",
              "app DELETED",
              "pod DELETED");
    }
  }

  @Test
  void anEventHasTheStateAfterTheChange() {
    String pod = Requests.runPod(client, "web");
    String app = Requests.startNew(client, pod, "app");

    try (ResponseStream<ContainerEventResponse> events = client.events()) {
      runtime.killContainer(app, 3);

      ContainerEventResponse stopped = events.next();
      assertThat(stopped.getContainerId()).isEqualTo(app);
      assertThat(stopped.getCreatedAt()).isPositive();
      assertThat(stopped.getPodSandboxStatus().getId()).isEqualTo(pod);
      assertThat(stopped.getPodSandboxStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
      assertThat(stopped.getContainersStatusesList())
          .singleElement()
          .satisfies(
              status -> {
                assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
                assertThat(status.getExitCode()).isEqualTo(3);
              });
    }
  }

  @Test
  void onlyDeletionEventsOfContainersHaveTheStateOfTheSandbox() {
    String pod = Requests.runPod(client, "web");
    Requests.create(client, pod, "app");

    try (ResponseStream<ContainerEventResponse> events = client.events()) {
      client
          .runtime()
          .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build());

      ContainerEventResponse container = events.next(FakeRuntimeEventTest::isDeletion);
      assertThat(container.getPodSandboxStatus().getId()).isEqualTo(pod);
      assertThat(container.getContainersStatusesList()).isEmpty();

      ContainerEventResponse sandbox = events.next(FakeRuntimeEventTest::isDeletion);
      assertThat(sandbox.getContainerId()).isEqualTo(pod);
      assertThat(sandbox.hasPodSandboxStatus()).isFalse();
    }
  }

  @Test
  void everySubscriberGetsTheEventsAfterItsSubscription() {
    Requests.runPod(client, "before");
    try (ResponseStream<ContainerEventResponse> first = client.events();
        ResponseStream<ContainerEventResponse> second = client.events()) {
      assertThat(runtime.eventSubscribers()).isEqualTo(2);
      String pod = Requests.runPod(client, "web");

      assertThat(arrived(first)).extracting(e -> e.getContainerId()).containsExactly(pod, pod);
      assertThat(arrived(second)).extracting(e -> e.getContainerId()).containsExactly(pod, pod);
    }
    assertThat(runtime.eventSubscribers()).as("closed streams unsubscribe").isZero();
  }

  @Test
  void onlyASlowSubscriberLosesEvents() {
    try (ResponseStream<ContainerEventResponse> lazy =
            client.stream(
                RuntimeServiceGrpc.getGetContainerEventsMethod(),
                GetEventsRequest.getDefaultInstance(),
                1);
        ResponseStream<ContainerEventResponse> keen =
            client.stream(
                RuntimeServiceGrpc.getGetContainerEventsMethod(),
                GetEventsRequest.getDefaultInstance(),
                10_000)) {
      for (int i = 0; i < 600; i++) {
        Requests.runPod(client, "pod" + i);
      }

      assertThat(runtime.droppedEvents())
          .as("1200 events: one requested, 1000 buffered")
          .isEqualTo(199);
      assertThat(arrived(lazy)).hasSize(1001);
      assertThat(arrived(keen)).hasSize(1200);
    }
  }

  @Test
  void eventsOfManyClientsAreInTheOrderOfTheChanges() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (ResponseStream<ContainerEventResponse> events =
        client.stream(
            RuntimeServiceGrpc.getGetContainerEventsMethod(),
            GetEventsRequest.getDefaultInstance(),
            10_000)) {
      for (int t = 0; t < 4; t++) {
        String prefix = "pod" + t + "-";
        threads.execute(
            () -> {
              for (int i = 0; i < 100; i++) {
                Requests.runPod(client, prefix + i);
              }
            });
      }
      threads.shutdown();
      assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();

      List<ContainerEventResponse> all = new ArrayList<>();
      for (int i = 0; i < 800; i++) {
        all.add(events.next());
      }
      assertThat(all).extracting(event -> event.getCreatedAt()).isSorted();
      assertThat(runtime.pods()).hasSize(400);
    }
  }

  @Test
  void eventsCanBeDiscarded() {
    try (ResponseStream<ContainerEventResponse> events = client.events()) {
      runtime.loseEvents(true);
      Requests.runPod(client, "unheard");
      runtime.loseEvents(false);
      String pod = Requests.runPod(client, "web");

      assertThat(events.next().getContainerId()).isEqualTo(pod);
    }
  }

  @Test
  void aRuntimeThatGoesDownBreaksTheStream() {
    try (ResponseStream<ContainerEventResponse> events = client.events()) {
      runtime.down();

      assertThat(events.awaitEnd().getCode()).isEqualTo(Code.UNAVAILABLE);
      assertThat(runtime.eventSubscribers()).isZero();
    }
  }

  private static boolean isDeletion(ContainerEventResponse event) {
    return event.getContainerEventType() == ContainerEventType.CONTAINER_DELETED_EVENT;
  }

  private static List<ContainerEventResponse> arrived(
      ResponseStream<ContainerEventResponse> events) {
    List<ContainerEventResponse> all = new ArrayList<>();
    for (Optional<ContainerEventResponse> next = events.poll();
        next.isPresent();
        next = events.poll()) {
      all.add(next.get());
    }
    return all;
  }

  private static String name(ContainerEventResponse event, String pod, String app) {
    String subject =
        event.getContainerId().equals(pod)
            ? "pod"
            : event.getContainerId().equals(app) ? "app" : event.getContainerId();
    String type = event.getContainerEventType().name();
    return subject + " " + type.replace("CONTAINER_", "").replace("_EVENT", "");
  }
}
