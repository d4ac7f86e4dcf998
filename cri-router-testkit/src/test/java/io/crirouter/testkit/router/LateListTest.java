package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.EventNode.unheard;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ResponseStream;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lists and events cross on their way; neither undoes what the other told later. */
class LateListTest {
  private static final Duration A_MINUTE = Duration.ofSeconds(60);
  private static final Duration DELAY = Duration.ofSeconds(3);

  private final EventNode node = EventNode.start();
  private final FakeRuntime virtlet = node.virtlet();
  private final String vm = node.runPod(virtlet, "vm");

  @AfterEach
  void stop() {
    node.close();
  }

  /** The lists of the next comparison are on their way; their answer comes late. */
  private void letListsBeLate() {
    virtlet.delay("ListPodSandbox", DELAY);
    virtlet.delay("ListContainers", DELAY);
    node.advance(A_MINUTE);
  }

  /** Lists that were asked for have come, and later ones too. */
  private void letListsCome() {
    node.advance(DELAY.multipliedBy(2));
    virtlet.heal();
    node.advance(A_MINUTE.multipliedBy(2));
  }

  @Test
  void aContainerThatStoppedMeanwhileDoesNotRunAgain() {
    String disk = node.run(virtlet, vm, "disk");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      letListsBeLate();
      node.advance(DELAY);
      virtlet.killContainer(disk, 0);
      assertThat(node.told(events)).containsExactly("disk STOPPED");

      letListsCome();

      assertThat(node.told(events)).isEmpty();
    }
  }

  @Test
  void aContainerThatCameMeanwhileIsNotGone() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      letListsBeLate();
      node.advance(DELAY);
      node.run(virtlet, vm, "disk");
      assertThat(node.told(events)).containsExactly("disk CREATED", "disk STARTED");

      letListsCome();

      assertThat(node.told(events)).isEmpty();
      assertThat(virtlet.journal().callsOf("PodSandboxStatus")).as("no doubt about it").isEmpty();
    }
  }

  @Test
  void whatWasRemovedMeanwhileDoesNotComeBack() {
    node.run(virtlet, vm, "disk");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      letListsBeLate();
      node.removePod(virtlet, vm);
      assertThat(node.told(events))
          .containsExactly("disk STOPPED", "vm STOPPED", "disk DELETED", "vm DELETED");

      letListsCome();

      assertThat(node.told(events)).isEmpty();
    }
  }

  @Test
  void theListsOfTheStartDoNotHideWhatWasLostBeforeTheyCame() {
    virtlet.delay("ListPodSandbox", DELAY);
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      String disk = node.run(virtlet, vm, "disk");
      unheard(virtlet, () -> virtlet.killContainer(disk, 0));
      assertThat(node.told(events)).containsExactly("disk CREATED", "disk STARTED");

      node.advance(DELAY);

      assertThat(node.told(events)).containsExactly("disk STOPPED");
    }
  }

  @Test
  void theListsOfTheStartUndoNoEvent() {
    String disk = node.run(virtlet, vm, "disk");
    String net = node.run(virtlet, vm, "net");
    virtlet.delay("ListPodSandbox", DELAY);
    virtlet.delay("ListContainers", DELAY);
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      node.advance(DELAY);
      virtlet.killContainer(disk, 0);
      node.removeContainer(virtlet, net);
      assertThat(node.told(events)).containsExactly("disk STOPPED", "net STOPPED", "net DELETED");

      letListsCome();

      assertThat(node.told(events)).isEmpty();
    }
  }

  @Test
  void anEventThatComesAfterTheListsOfTheStartIsTold() {
    String disk = node.create(virtlet, vm, "disk");
    virtlet.delay("GetContainerEvents", DELAY);
    virtlet.hang("ListContainers");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      node.start(virtlet, disk);
      virtlet.resume();
      assertThat(node.told(events)).isEmpty();
      node.advance(DELAY);

      assertThat(node.told(events))
          .as("the client's own list may be older than the router's")
          .containsExactly("disk STARTED");
    }
  }

  @Test
  void anIdThatIsUsedAgainIsFoundAgain() {
    try (EventNode again =
            EventNode.withSecondary(runtime -> runtime.ids(() -> "always-the-same"));
        ResponseStream<ContainerEventResponse> events = again.listen()) {
      FakeRuntime runtime = again.virtlet();
      again.runPod(runtime, "vm");
      again.told(events);
      unheard(runtime, () -> again.removePod(runtime, "always-the-same"));
      again.advance(A_MINUTE);
      assertThat(again.told(events)).containsExactly("vm DELETED");

      again.runPod(runtime, "vm");
      again.advance(A_MINUTE);
      assertThat(again.told(events))
          .as("its own events cannot be told from late ones")
          .containsExactly("vm STARTED");

      again.removePod(runtime, "always-the-same");
      again.runPod(runtime, "vm");
      assertThat(again.told(events))
          .containsExactly("vm STOPPED", "vm DELETED", "vm CREATED", "vm STARTED");
    }
  }

  @Test
  void whatAnEventToldWhileTheSandboxWasAskedForIsNotUndone() {
    String disk = node.create(virtlet, vm, "disk");
    String net = node.create(virtlet, vm, "net");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      unheard(
          virtlet,
          () -> {
            node.start(virtlet, disk);
            node.start(virtlet, net);
          });
      virtlet.delay("PodSandboxStatus", DELAY);
      node.advance(A_MINUTE);
      virtlet.heal();
      virtlet.killContainer(disk, 0);
      assertThat(node.told(events)).containsExactly("disk STOPPED");
      node.advance(DELAY);

      ContainerEventResponse started = events.next();
      assertThat(node.word(started)).isEqualTo("net STARTED");
      assertThat(started.getContainersStatusesList())
          .as("the state after the event that came in between")
          .extracting(ContainerStatus::getState)
          .containsExactly(ContainerState.CONTAINER_EXITED, ContainerState.CONTAINER_RUNNING);
      node.advance(A_MINUTE);
      assertThat(node.told(events)).isEmpty();
    }
  }

  @Test
  void aSandboxThatNeverRestsIsLeftToTheNextComparison() {
    String disk = node.create(virtlet, vm, "disk");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      unheard(virtlet, () -> node.start(virtlet, disk));
      virtlet.delay("PodSandboxStatus", DELAY);
      node.advance(A_MINUTE);
      for (int i = 0; i < 10; i++) {
        node.create(virtlet, vm, "more" + i);
        node.advance(Duration.ofSeconds(1));
      }
      assertThat(virtlet.journal().callsOf("PodSandboxStatus")).hasSize(3);
      assertThat(node.told(events)).doesNotContain("disk STARTED");
      node.advance(A_MINUTE);

      assertThat(node.told(events)).containsExactly("disk STARTED");
    }
  }

  @Test
  void anEventThatComesAfterTheListsToldItIsNotToldAgain() {
    String disk = node.run(virtlet, vm, "disk");
    String net = node.run(virtlet, vm, "net");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.hang("GetContainerEvents");
      virtlet.killContainer(disk, 0);
      virtlet.killContainer(net, 0);
      node.removeContainer(virtlet, net);
      node.advance(A_MINUTE);
      assertThat(node.told(events)).containsExactly("disk STOPPED", "net DELETED");

      virtlet.resume();
      assertThat(node.told(events)).as("what the lists had told already").isEmpty();

      node.removeContainer(virtlet, disk);
      assertThat(node.told(events)).as("what is new").containsExactly("disk DELETED");
      node.advance(A_MINUTE);
      assertThat(node.told(events)).isEmpty();
    }
  }

  @Test
  void listsThatDoNotComeHoldNothingUp() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.hang("ListPodSandbox");
      node.advance(A_MINUTE.plusSeconds(30));
      String disk = node.run(virtlet, vm, "disk");
      assertThat(node.told(events)).containsExactly("disk CREATED", "disk STARTED");

      virtlet.resume();
      unheard(virtlet, () -> virtlet.killContainer(disk, 0));
      node.advance(A_MINUTE);

      assertThat(node.told(events)).containsExactly("disk STOPPED");
    }
  }
}
