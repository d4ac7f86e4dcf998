package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.GetEventsRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.testkit.ResponseStream;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The event stream of a client while runtimes are lost and return. */
class EventsTest {
  private static final Duration TWO_SECONDS = Duration.ofSeconds(2);

  private static ResponseStream<ContainerEventResponse> subscribe(Node node, int window) {
    return node.client.stream(
        RuntimeServiceGrpc.getGetContainerEventsMethod(),
        GetEventsRequest.getDefaultInstance(),
        window);
  }

  private static List<String> arrived(ResponseStream<ContainerEventResponse> events) {
    List<String> ids = new ArrayList<>();
    for (Optional<ContainerEventResponse> event = events.poll();
        event.isPresent();
        event = events.poll()) {
      ids.add(event.get().getContainerId());
    }
    return ids;
  }

  @Test
  void eventsOfAllRuntimesAreInOneStreamWithIdsForClients() {
    Node node = Node.create();
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      String plain = node.runOnContainerd("a");
      String special = node.runOnVirtlet("b");
      String container = node.start(special, "main");

      ContainerEventResponse started =
          events.next(
              event ->
                  event.getContainerId().equals(container)
                      && event.getContainerEventType()
                          == ContainerEventType.CONTAINER_STARTED_EVENT);

      assertThat(started.getPodSandboxStatus().getId()).isEqualTo(special);
      assertThat(started.getContainersStatusesList())
          .singleElement()
          .satisfies(
              status -> {
                assertThat(status.getId()).isEqualTo(container);
                assertThat(status.getImage().getImage()).startsWith("virtlet.cloud/");
              });
      node.remove(plain);
      assertThat(arrived(events)).containsOnly(plain);
    }
  }

  @Test
  void eachClientGetsAnEventOnce() {
    Node node = Node.create();
    try (ResponseStream<ContainerEventResponse> one = node.client.events();
        ResponseStream<ContainerEventResponse> other = node.client.events()) {
      String pod = node.runOnVirtlet("a");

      assertThat(arrived(one)).as("created and started").containsExactly(pod, pod);
      assertThat(arrived(other)).containsExactly(pod, pod);
    }
  }

  @Test
  void aClosedClientEndsTheSubscriptions() {
    Node node = Node.create();
    ResponseStream<ContainerEventResponse> events = node.client.events();
    assertThat(node.virtlet.eventSubscribers()).isEqualTo(1);

    events.close();

    assertThat(node.containerd.eventSubscribers()).isZero();
    assertThat(node.virtlet.eventSubscribers()).isZero();
    node.virtlet.down();
    node.virtlet.up();
    node.clock.advance(TWO_SECONDS);
    assertThat(node.virtlet.eventSubscribers()).as("after its return").isZero();
  }

  @Test
  void theStreamSurvivesAnOutageOfASecondary() {
    Node node = Node.create();
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      node.virtlet.down();
      String plain = node.runOnContainerd("a");
      assertThat(arrived(events)).contains(plain);

      node.virtlet.up();
      String special = node.runOnVirtlet("b");

      assertThat(arrived(events)).contains(special);
      assertThat(node.virtlet.eventSubscribers()).isEqualTo(1);
    }
  }

  @Test
  void aLateSecondaryIsSubscribedTo() {
    Node node = Node.builder().virtletStartsLate().build();
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      node.virtlet.up();
      String special = node.runOnVirtlet("a");

      assertThat(arrived(events)).contains(special);
    }
  }

  @Test
  void aSecondaryThatEndsItsStreamIsSubscribedToAgain() {
    Node node = Node.create();
    node.virtlet.failNext("GetContainerEvents", RpcStatus.Code.UNAVAILABLE, "no channel");
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      assertThat(node.virtlet.eventSubscribers()).isZero();

      node.clock.advance(TWO_SECONDS);

      String special = node.runOnVirtlet("a");
      assertThat(arrived(events)).contains(special);
    }
  }

  @Test
  void eventsAreNotDuplicatedAfterAWrongLoss() {
    Node node = Node.create();
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      node.virtlet.hang("Version");
      node.clock.advance(Duration.ofSeconds(16));
      node.virtlet.resume();
      node.clock.advance(Duration.ofSeconds(16));

      String special = node.runOnVirtlet("a");

      assertThat(arrived(events)).as("created and started").containsExactly(special, special);
    }
  }

  @Test
  void aSecondaryWithoutEventsDoesNotEndTheStream() {
    Node node = Node.builder().virtlet(fake -> fake.without("GetContainerEvents")).build();
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      String plain = node.runOnContainerd("a");

      assertThat(arrived(events)).contains(plain);
      node.clock.advance(Duration.ofMinutes(1));
      assertThat(node.virtlet.journal().callsOf("GetContainerEvents"))
          .as("the response would be the same")
          .hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = RpcStatus.Code.class,
      names = {"UNIMPLEMENTED", "PERMISSION_DENIED"})
  void aRefusalOfThePrimaryIsTheResponse(RpcStatus.Code code) {
    Node node = Node.create();
    node.containerd.failAlways("GetContainerEvents", RpcStatus.of(code, "not here"));

    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      Status end = events.awaitEnd();

      assertThat(end.getCode()).isEqualTo(Status.Code.valueOf(code.name()));
      assertThat(end.getDescription()).isEqualTo("not here");
      assertThat(node.virtlet.eventSubscribers()).isZero();
    }
  }

  @Test
  void theStreamSurvivesAnOutageOfThePrimary() {
    Node node = Node.create();
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      node.runOnContainerd("a");
      arrived(events);

      node.containerd.down();
      String special = node.runOnVirtlet("b");
      assertThat(arrived(events)).contains(special);

      node.containerd.up();
      String plain = node.runOnContainerd("c");
      assertThat(arrived(events)).contains(plain);
    }
  }

  @Test
  void theStreamSurvivesAnOutageBeforeTheFirstEvent() {
    Node node = Node.create();
    try (ResponseStream<ContainerEventResponse> events = node.client.events()) {
      node.containerd.down();
      node.containerd.up();
      String plain = node.runOnContainerd("a");

      assertThat(arrived(events))
          .as("a kubelet gives up on events after five broken streams")
          .contains(plain);
    }
  }

  @Test
  void aSlowClientGetsAllEventsOfEachPodInOrder() {
    Node node = Node.create();
    try (ResponseStream<ContainerEventResponse> events = subscribe(node, 1)) {
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        String pod = node.runOnVirtlet("pod" + i);
        node.runOnContainerd("plain" + i);
        node.remove(pod);
        // Created, started, stopped and deleted.
        expected.addAll(List.of(pod, pod, pod, pod));
      }

      List<String> heard = arrived(events);
      heard.removeIf(id -> !id.startsWith("virt__"));
      assertThat(heard).isEqualTo(expected);
    }
  }

  @Test
  void aSlowClientDoesNotDelayOthers() {
    Node node = Node.create();
    try (ResponseStream<ContainerEventResponse> slow = subscribe(node, 1);
        ResponseStream<ContainerEventResponse> quick = node.client.events()) {
      for (int i = 0; i < 100; i++) {
        node.runOnVirtlet("pod" + i);
        assertThat(arrived(quick)).hasSize(2);
      }
      assertThat(slow.next().getContainerId()).startsWith("virt__");
    }
  }
}
