package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.EventNode.arrived;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.CriRouter;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ResponseStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each client has one event stream, and each runtime one subscription. */
class EventStreamTest {
  private static final String RPC = "GetContainerEvents";

  private final EventNode node = EventNode.start();
  private final FakeRuntime primary = node.primary();
  private final FakeRuntime virtlet = node.virtlet();

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void eventsOfAllRuntimesAreInOneStreamInOrder() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      String web = node.runPod(primary, "web");
      String vm = node.runPod(virtlet, "vm");
      String disk = node.run(virtlet, vm, "disk");
      node.run(primary, web, "app");
      virtlet.killContainer(disk, 1);
      node.removePod(virtlet, vm);

      assertThat(node.received(events))
          .containsExactly(
              "web CREATED",
              "web STARTED",
              "vm CREATED",
              "vm STARTED",
              "disk CREATED",
              "disk STARTED",
              "app CREATED",
              "app STARTED",
              "disk STOPPED",
              "vm STOPPED",
              "disk DELETED",
              "vm DELETED");
    }
  }

  @Test
  void allIdsInEventsAreThoseForClients() {
    String vm = node.runPod(virtlet, "vm");
    String disk = node.run(virtlet, vm, "disk");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.killContainer(disk, 3);

      ContainerEventResponse event = events.next();
      assertThat(event.getContainerId()).isEqualTo("virt__" + disk);
      assertThat(event.getPodSandboxStatus().getId()).isEqualTo("virt__" + vm);
      assertThat(event.getContainersStatusesList())
          .extracting(ContainerStatus::getId)
          .containsExactly("virt__" + disk);
    }
  }

  @Test
  void allClientsShareOneSubscription() {
    try (ResponseStream<ContainerEventResponse> first = node.listen();
        ResponseStream<ContainerEventResponse> second = node.listen();
        ResponseStream<ContainerEventResponse> third = node.listen()) {
      assertThat(primary.eventSubscribers()).isEqualTo(1);
      assertThat(virtlet.eventSubscribers()).isEqualTo(1);

      node.runPod(primary, "web");

      for (ResponseStream<ContainerEventResponse> events : List.of(first, second, third)) {
        assertThat(node.received(events)).containsExactly("web CREATED", "web STARTED");
      }
      assertThat(primary.journal().callsOf(RPC)).hasSize(1);
    }
  }

  @Test
  void subscriptionsExistOnlyWhileThereAreClients() {
    assertThat(primary.eventSubscribers()).as("before the first client").isZero();

    ResponseStream<ContainerEventResponse> first = node.listen();
    ResponseStream<ContainerEventResponse> second = node.listen();
    first.close();
    assertThat(primary.eventSubscribers()).as("with one client left").isEqualTo(1);
    second.close();
    assertThat(primary.eventSubscribers()).as("after the last client").isZero();
    assertThat(virtlet.eventSubscribers()).isZero();

    int lists = virtlet.journal().callsOf("ListPodSandbox").size();
    node.advance(Duration.ofMinutes(5));
    assertThat(virtlet.journal().callsOf("ListPodSandbox"))
        .as("no comparison without clients")
        .hasSize(lists);

    try (ResponseStream<ContainerEventResponse> third = node.listen()) {
      node.runPod(virtlet, "vm");
      assertThat(node.received(third)).containsExactly("vm CREATED", "vm STARTED");
    }
  }

  @Test
  void aLaterClientGetsTheEventsAfterItsSubscription() {
    try (ResponseStream<ContainerEventResponse> first = node.listen()) {
      node.runPod(primary, "before");
      try (ResponseStream<ContainerEventResponse> second = node.listen()) {
        node.runPod(primary, "after");

        assertThat(node.received(second)).containsExactly("after CREATED", "after STARTED");
      }
      node.runPod(primary, "last");

      assertThat(arrived(first)).as("it continues when the other client leaves").hasSize(6);
    }
  }

  @Test
  void theStreamSurvivesOutagesOfAllRuntimes() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      for (FakeRuntime runtime : List.of(virtlet, primary)) {
        runtime.down();
        node.advance(Duration.ofSeconds(30));
        runtime.up();
        node.advance(Duration.ofSeconds(1));
        assertThat(runtime.eventSubscribers()).as("%s is subscribed to again", runtime).isOne();

        node.runPod(runtime, "after");
        assertThat(node.received(events)).containsExactly("after CREATED", "after STARTED");
      }
      assertThat(events).hasToString("ResponseStream(GetContainerEvents, open)");
    }
  }

  @Test
  void anOutageOfASecondaryDoesNotDelayOtherEvents() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.down();
      node.runPod(primary, "web");

      assertThat(node.received(events)).containsExactly("web CREATED", "web STARTED");
    }
  }

  @Test
  void noTasksAreLeftAfterTheLastClient() {
    int before = node.time().pendingTasks();
    RawCall limited =
        RawCall.start(
            node.router(),
            CriRequest.of(CriMethod.of(RPC), ByteString.EMPTY)
                .withTimeoutNanos(Duration.ofHours(1).toNanos()));
    int during = node.time().pendingTasks();
    assertThat(during).isGreaterThan(before);
    for (int i = 0; i < 5; i++) {
      virtlet.down();
      virtlet.up();
    }
    assertThat(node.time().pendingTasks()).as("after some returns").isEqualTo(during);

    limited.cancel();

    assertThat(node.time().pendingTasks()).isEqualTo(before);
  }

  @Test
  void comparisonsForFormerClientsAreNotDeliveredToOthers() {
    String vm = node.runPod(virtlet, "vm");
    String disk = node.run(virtlet, vm, "disk");
    ResponseStream<ContainerEventResponse> first = node.listen();
    EventNode.withoutEvents(virtlet, () -> virtlet.killContainer(disk, 0));
    virtlet.delay("PodSandboxStatus", Duration.ofSeconds(3));
    node.advance(Duration.ofSeconds(60));
    first.close();
    try (ResponseStream<ContainerEventResponse> second = node.listen()) {
      node.advance(Duration.ofSeconds(30));

      assertThat(node.received(second)).as("it listed for itself").isEmpty();
    }
  }

  @Test
  void eventsAfterTheEndOfASubscriptionAreIgnored() {
    List<ResponseListener> subscriptions = new ArrayList<>();
    RuntimeBackend stubborn =
        (request, listener) -> {
          if (!request.method().name().equals(RPC)) {
            return virtlet.start(request, listener);
          }
          subscriptions.add(listener);
          return RuntimeCall.ENDED;
        };
    CriRouter router =
        CriRouter.builder()
            .scheduler(node.time())
            .primary(BackendName.of("containerd"), primary)
            .secondary(BackendName.of("virtlet.cloud"), stubborn)
            .build();
    ByteString event =
        ContainerEventResponse.newBuilder().setContainerId("abc").build().toByteString();
    RawCall.start(router, CriRequest.of(CriMethod.of(RPC), ByteString.EMPTY)).cancel();
    try (CriClient client = CriClient.of(router);
        ResponseStream<ContainerEventResponse> events = client.events()) {
      assertThat(subscriptions).hasSize(2);
      subscriptions.get(0).onMessage(event);
      subscriptions.get(0).onClose(RpcStatus.OK);
      assertThat(events.poll()).isEmpty();

      subscriptions.get(1).onMessage(event);

      assertThat(events.next().getContainerId()).isEqualTo("virt__abc");
      assertThat(events.poll()).as("once").isEmpty();
    }
    router.close();
  }

  @Test
  void theDeadlineOfAClientIsEnforced() {
    RawCall limited =
        RawCall.start(
            node.router(),
            CriRequest.of(CriMethod.of(RPC), ByteString.EMPTY)
                .withTimeoutNanos(Duration.ofSeconds(7).toNanos()));
    node.advance(Duration.ofSeconds(6));
    assertThat(primary.eventSubscribers()).isOne();

    node.advance(Duration.ofSeconds(1));

    assertThat(limited.status().code()).isEqualTo(Code.DEADLINE_EXCEEDED);
    assertThat(primary.eventSubscribers()).isZero();
  }
}
