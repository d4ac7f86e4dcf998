package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.EventNode.withoutEvents;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ResponseStream;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Changes without events are found by lists and reported once. */
class MissedEventsTest {
  private static final Duration BACK = Duration.ofSeconds(1);
  private static final Duration ONE_MINUTE = Duration.ofSeconds(60);

  private final EventNode node = EventNode.start();
  private final FakeRuntime virtlet = node.virtlet();

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void changesOfASecondaryDuringAnOutageAreReportedOnce() {
    String vm = node.runPod(virtlet, "vm");
    String disk = node.run(virtlet, vm, "disk");
    node.run(virtlet, vm, "net");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.down();
      virtlet.killContainer(disk, 7);
      virtlet.up();
      node.advance(BACK);

      assertThat(node.received(events)).containsExactly("disk STOPPED");
      node.advance(Duration.ofMinutes(5));
      assertThat(node.received(events)).as("later").isEmpty();
    }
  }

  @Test
  void changesOfThePrimaryDuringAnOutageAreReportedOnce() {
    String web = node.runPod(node.primary(), "web");
    node.run(node.primary(), web, "app");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      node.primary().down();
      node.primary().killPod(web);
      node.primary().up();
      node.advance(BACK);

      assertThat(node.received(events)).containsExactly("app STOPPED", "web STOPPED");
      node.advance(Duration.ofMinutes(5));
      assertThat(node.received(events)).as("later").isEmpty();
    }
  }

  @Test
  void synthesizedEventsHaveTheStateWithNamesForClients() {
    String vm = node.runPod(virtlet, "vm");
    String disk = node.run(virtlet, vm, "disk");
    node.run(virtlet, vm, "net");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.down();
      virtlet.killContainer(disk, 7);
      virtlet.up();
      node.advance(BACK);

      ContainerEventResponse event = events.next();
      assertThat(event.getContainerId()).isEqualTo("virt__" + disk);
      assertThat(Instant.ofEpochSecond(0, event.getCreatedAt()))
          .isBetween(node.time().now().minus(BACK), node.time().now());
      assertThat(event.getPodSandboxStatus().getId()).isEqualTo("virt__" + vm);
      assertThat(event.getPodSandboxStatus().getMetadata().getUid()).isEqualTo("uid-vm");
      assertThat(event.getPodSandboxStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
      assertThat(event.getContainersStatusesList())
          .extracting(
              ContainerStatus::getId, ContainerStatus::getState, ContainerStatus::getExitCode)
          .contains(tuple("virt__" + disk, ContainerState.CONTAINER_EXITED, 7))
          .hasSize(2);
    }
  }

  @Test
  void lostEventsAreFoundWithinAMinute() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      withoutEvents(
          virtlet,
          () -> {
            String vm = node.runPod(virtlet, "vm");
            node.run(virtlet, vm, "disk");
            node.create(virtlet, vm, "net");
          });
      node.advance(ONE_MINUTE.minusMillis(1));
      assertThat(node.received(events)).as("before the next comparison").isEmpty();

      node.advance(Duration.ofMillis(1));

      assertThat(node.received(events))
          .containsExactly("vm STARTED", "disk STARTED", "net CREATED");
      node.advance(Duration.ofMinutes(5));
      assertThat(node.received(events)).as("later").isEmpty();
    }
  }

  @Test
  void deliveredEventsAreNotRepeated() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      String vm = node.runPod(virtlet, "vm");
      String disk = node.run(virtlet, vm, "disk");
      String net = node.run(virtlet, vm, "net");
      virtlet.killContainer(disk, 0);
      node.removeContainer(virtlet, net);
      node.received(events);

      node.advance(Duration.ofMinutes(5));

      assertThat(node.received(events)).isEmpty();
    }
  }

  @Test
  void existingPodsAreNotReportedAtTheStart() {
    String vm = node.runPod(virtlet, "vm");
    node.run(virtlet, vm, "disk");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      node.advance(Duration.ofMinutes(5));

      assertThat(node.received(events)).isEmpty();
    }
  }

  @Test
  void deletionEventsHaveTheKnownStateOfTheSandbox() {
    String vm = node.runPod(virtlet, "vm");
    node.run(virtlet, vm, "disk");
    PodSandboxStatus before = node.client().runtime().podSandboxStatus(status(vm)).getStatus();
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      withoutEvents(virtlet, () -> node.removePod(virtlet, vm));
      node.advance(ONE_MINUTE);

      ContainerEventResponse disk = events.next();
      ContainerEventResponse sandbox = events.next();
      assertThat(node.word(disk)).isEqualTo("disk DELETED");
      assertThat(node.word(sandbox)).isEqualTo("vm DELETED");
      assertThat(disk.getPodSandboxStatus())
          .isEqualTo(sandbox.getPodSandboxStatus())
          .isEqualTo(
              before.toBuilder()
                  .setState(PodSandboxState.SANDBOX_NOTREADY)
                  .clearNetwork()
                  .clearLinux()
                  .build());
      assertThat(virtlet.journal().callsOf("PodSandboxStatus"))
          .as("the test's own call")
          .hasSize(1);
    }
  }

  private static PodSandboxStatusRequest status(String vm) {
    return PodSandboxStatusRequest.newBuilder().setPodSandboxId("virt__" + vm).build();
  }

  @Test
  void theDeletionOfASandboxKnownFromEventsHasItsState() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      String vm = node.runPod(virtlet, "vm");
      node.received(events);
      withoutEvents(virtlet, () -> node.removePod(virtlet, vm));
      node.advance(ONE_MINUTE);

      ContainerEventResponse deleted = events.next();
      assertThat(node.word(deleted)).isEqualTo("vm DELETED");
      assertThat(deleted.getPodSandboxStatus().getMetadata().getUid()).isEqualTo("uid-vm");
      assertThat(deleted.getPodSandboxStatus().getLabelsMap()).containsEntry("app", "vm");
    }
  }

  @Test
  void anExitedContainerIsReportedByOneEvent() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      String vm = node.runPod(virtlet, "vm");
      node.received(events);
      withoutEvents(virtlet, () -> virtlet.killContainer(node.run(virtlet, vm, "disk"), 1));
      node.advance(ONE_MINUTE);

      assertThat(node.received(events)).containsExactly("disk STOPPED");
    }
  }

  @Test
  void changesOfASandboxAreReportedInOrder() {
    String vm = node.runPod(virtlet, "vm");
    node.run(virtlet, vm, "disk");
    String net = node.run(virtlet, vm, "net");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      withoutEvents(
          virtlet,
          () -> {
            node.removeContainer(virtlet, net);
            virtlet.killPod(vm);
            node.run(virtlet, node.runPod(virtlet, "next"), "app");
          });
      node.advance(ONE_MINUTE);

      assertThat(node.received(events))
          .containsExactlyInAnyOrder(
              "disk STOPPED", "net DELETED", "vm STOPPED", "next STARTED", "app STARTED")
          .containsSubsequence("disk STOPPED", "net DELETED", "vm STOPPED")
          .containsSubsequence("next STARTED", "app STARTED");
    }
  }

  @Test
  void theStatusOfASandboxIsRequestedOnce() {
    String vm = node.runPod(virtlet, "vm");
    for (String name : new String[] {"a", "b", "c"}) {
      node.run(virtlet, vm, name);
    }
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      withoutEvents(virtlet, () -> virtlet.killPod(vm));
      node.advance(ONE_MINUTE);

      assertThat(node.received(events))
          .containsExactly("a STOPPED", "b STOPPED", "c STOPPED", "vm STOPPED");
      assertThat(virtlet.journal().callsOf("PodSandboxStatus")).hasSize(1);
      assertThat(virtlet.journal().callsOf("ContainerStatus")).isEmpty();
    }
  }
}
