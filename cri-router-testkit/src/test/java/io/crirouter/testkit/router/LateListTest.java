package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.EventNode.withoutEvents;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ResponseStream;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lists and events that cross do not revert later changes of each other. */
class LateListTest {
  private static final Duration ONE_MINUTE = Duration.ofSeconds(60);
  private static final Duration DELAY = Duration.ofSeconds(3);

  private final EventNode node = EventNode.start();
  private final FakeRuntime virtlet = node.virtlet();
  private final String vm = node.runPod(virtlet, "vm");

  @AfterEach
  void stop() {
    node.close();
  }

  /** Delays the lists of the next comparison. */
  private void delayLists() {
    virtlet.delay("ListPodSandbox", DELAY);
    virtlet.delay("ListContainers", DELAY);
    node.advance(ONE_MINUTE);
  }

  /** Waits until the requested lists and later ones have arrived. */
  private void awaitLists() {
    node.advance(DELAY.multipliedBy(2));
    virtlet.heal();
    node.advance(ONE_MINUTE.multipliedBy(2));
  }

  @Test
  void aStopDuringALateListIsKept() {
    String disk = node.run(virtlet, vm, "disk");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      delayLists();
      node.advance(DELAY);
      virtlet.killContainer(disk, 0);
      assertThat(node.received(events)).containsExactly("disk STOPPED");

      awaitLists();

      assertThat(node.received(events)).isEmpty();
    }
  }

  @Test
  void aCreationDuringALateListIsKept() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      delayLists();
      node.advance(DELAY);
      node.run(virtlet, vm, "disk");
      assertThat(node.received(events)).containsExactly("disk CREATED", "disk STARTED");

      awaitLists();

      assertThat(node.received(events)).isEmpty();
      assertThat(virtlet.journal().callsOf("PodSandboxStatus")).as("no doubt about it").isEmpty();
    }
  }

  @Test
  void aRemovalDuringALateListIsKept() {
    node.run(virtlet, vm, "disk");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      delayLists();
      node.removePod(virtlet, vm);
      assertThat(node.received(events))
          .containsExactly("disk STOPPED", "vm STOPPED", "disk DELETED", "vm DELETED");

      awaitLists();

      assertThat(node.received(events)).isEmpty();
    }
  }

  @Test
  void initialListsDoNotHideLostEvents() {
    virtlet.delay("ListPodSandbox", DELAY);
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      String disk = node.run(virtlet, vm, "disk");
      withoutEvents(virtlet, () -> virtlet.killContainer(disk, 0));
      assertThat(node.received(events)).containsExactly("disk CREATED", "disk STARTED");

      node.advance(DELAY);

      assertThat(node.received(events)).containsExactly("disk STOPPED");
    }
  }

  @Test
  void initialListsDoNotRevertEvents() {
    String disk = node.run(virtlet, vm, "disk");
    String net = node.run(virtlet, vm, "net");
    virtlet.delay("ListPodSandbox", DELAY);
    virtlet.delay("ListContainers", DELAY);
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      node.advance(DELAY);
      virtlet.killContainer(disk, 0);
      node.removeContainer(virtlet, net);
      assertThat(node.received(events))
          .containsExactly("disk STOPPED", "net STOPPED", "net DELETED");

      awaitLists();

      assertThat(node.received(events)).isEmpty();
    }
  }

  @Test
  void anEventAfterTheInitialListsIsReported() {
    String disk = node.create(virtlet, vm, "disk");
    virtlet.delay("GetContainerEvents", DELAY);
    virtlet.hang("ListContainers");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      node.start(virtlet, disk);
      virtlet.resume();
      assertThat(node.received(events)).isEmpty();
      node.advance(DELAY);

      assertThat(node.received(events))
          .as("the client's own list may be older than the router's")
          .containsExactly("disk STARTED");
    }
  }

  @Test
  void aReusedIdIsReported() {
    try (EventNode reusing =
            EventNode.withSecondary(runtime -> runtime.ids(() -> "always-the-same"));
        ResponseStream<ContainerEventResponse> events = reusing.listen()) {
      FakeRuntime runtime = reusing.virtlet();
      reusing.runPod(runtime, "vm");
      reusing.received(events);
      withoutEvents(runtime, () -> reusing.removePod(runtime, "always-the-same"));
      reusing.advance(ONE_MINUTE);
      assertThat(reusing.received(events)).containsExactly("vm DELETED");

      reusing.runPod(runtime, "vm");
      reusing.advance(ONE_MINUTE);
      assertThat(reusing.received(events))
          .as("its events cannot be distinguished from late ones")
          .containsExactly("vm STARTED");

      reusing.removePod(runtime, "always-the-same");
      reusing.runPod(runtime, "vm");
      assertThat(reusing.received(events))
          .containsExactly("vm STOPPED", "vm DELETED", "vm CREATED", "vm STARTED");
    }
  }

  @Test
  void anEventDuringAStatusCallIsNotReverted() {
    String disk = node.create(virtlet, vm, "disk");
    String net = node.create(virtlet, vm, "net");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      withoutEvents(
          virtlet,
          () -> {
            node.start(virtlet, disk);
            node.start(virtlet, net);
          });
      virtlet.delay("PodSandboxStatus", DELAY);
      node.advance(ONE_MINUTE);
      virtlet.heal();
      virtlet.killContainer(disk, 0);
      assertThat(node.received(events)).containsExactly("disk STOPPED");
      node.advance(DELAY);

      ContainerEventResponse started = events.next();
      assertThat(node.word(started)).isEqualTo("net STARTED");
      assertThat(started.getContainersStatusesList())
          .as("the state after the event that came in between")
          .extracting(ContainerStatus::getState)
          .containsExactly(ContainerState.CONTAINER_EXITED, ContainerState.CONTAINER_RUNNING);
      node.advance(ONE_MINUTE);
      assertThat(node.received(events)).isEmpty();
    }
  }

  @Test
  void aConstantlyChangingSandboxIsLeftToTheNextComparison() {
    String disk = node.create(virtlet, vm, "disk");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      withoutEvents(virtlet, () -> node.start(virtlet, disk));
      virtlet.delay("PodSandboxStatus", DELAY);
      node.advance(ONE_MINUTE);
      for (int i = 0; i < 10; i++) {
        node.create(virtlet, vm, "more" + i);
        node.advance(Duration.ofSeconds(1));
      }
      assertThat(virtlet.journal().callsOf("PodSandboxStatus")).hasSize(3);
      assertThat(node.received(events)).doesNotContain("disk STARTED");
      node.advance(ONE_MINUTE);

      assertThat(node.received(events)).containsExactly("disk STARTED");
    }
  }

  @Test
  void anEventAfterItsChangeWasListedIsNotRepeated() {
    String disk = node.run(virtlet, vm, "disk");
    String net = node.run(virtlet, vm, "net");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.hang("GetContainerEvents");
      virtlet.killContainer(disk, 0);
      virtlet.killContainer(net, 0);
      node.removeContainer(virtlet, net);
      node.advance(ONE_MINUTE);
      assertThat(node.received(events)).containsExactly("disk STOPPED", "net DELETED");

      virtlet.resume();
      assertThat(node.received(events)).as("changes that the lists have reported").isEmpty();

      node.removeContainer(virtlet, disk);
      assertThat(node.received(events)).as("what is new").containsExactly("disk DELETED");
      node.advance(ONE_MINUTE);
      assertThat(node.received(events)).isEmpty();
    }
  }

  @Test
  void missingListsDoNotDelayEvents() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.hang("ListPodSandbox");
      node.advance(ONE_MINUTE.plusSeconds(30));
      String disk = node.run(virtlet, vm, "disk");
      assertThat(node.received(events)).containsExactly("disk CREATED", "disk STARTED");

      virtlet.resume();
      withoutEvents(virtlet, () -> virtlet.killContainer(disk, 0));
      node.advance(ONE_MINUTE);

      assertThat(node.received(events)).containsExactly("disk STOPPED");
    }
  }
}
