package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.EventNode.unheard;
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

/** What no event told is found in the lists and told once. */
class MissedEventsTest {
  private static final Duration BACK = Duration.ofSeconds(1);
  private static final Duration A_MINUTE = Duration.ofSeconds(60);

  private final EventNode node = EventNode.start();
  private final FakeRuntime virtlet = node.virtlet();

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void whatASecondaryDidWhileItWasAwayIsToldOnceWhenItIsBack() {
    String vm = node.runPod(virtlet, "vm");
    String disk = node.run(virtlet, vm, "disk");
    node.run(virtlet, vm, "net");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.down();
      virtlet.killContainer(disk, 7);
      virtlet.up();
      node.advance(BACK);

      assertThat(node.told(events)).containsExactly("disk STOPPED");
      node.advance(Duration.ofMinutes(5));
      assertThat(node.told(events)).as("later").isEmpty();
    }
  }

  @Test
  void whatThePrimaryDidWhileItWasAwayIsToldOnceWhenItIsBack() {
    String web = node.runPod(node.primary(), "web");
    node.run(node.primary(), web, "app");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      node.primary().down();
      node.primary().killPod(web);
      node.primary().up();
      node.advance(BACK);

      assertThat(node.told(events)).containsExactly("app STOPPED", "web STOPPED");
      node.advance(Duration.ofMinutes(5));
      assertThat(node.told(events)).as("later").isEmpty();
    }
  }

  @Test
  void anEventThatWasMadeCarriesTheStateUnderTheNamesOfTheClient() {
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
      unheard(
          virtlet,
          () -> {
            String vm = node.runPod(virtlet, "vm");
            node.run(virtlet, vm, "disk");
            node.create(virtlet, vm, "net");
          });
      node.advance(A_MINUTE.minusMillis(1));
      assertThat(node.told(events)).as("before the next comparison").isEmpty();

      node.advance(Duration.ofMillis(1));

      assertThat(node.told(events)).containsExactly("vm STARTED", "disk STARTED", "net CREATED");
      node.advance(Duration.ofMinutes(5));
      assertThat(node.told(events)).as("later").isEmpty();
    }
  }

  @Test
  void eventsThatWereHeardAreNotFoundAgain() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      String vm = node.runPod(virtlet, "vm");
      String disk = node.run(virtlet, vm, "disk");
      String net = node.run(virtlet, vm, "net");
      virtlet.killContainer(disk, 0);
      node.removeContainer(virtlet, net);
      node.told(events);

      node.advance(Duration.ofMinutes(5));

      assertThat(node.told(events)).isEmpty();
    }
  }

  @Test
  void whatIsThereAtTheStartIsNotTold() {
    String vm = node.runPod(virtlet, "vm");
    node.run(virtlet, vm, "disk");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      node.advance(Duration.ofMinutes(5));

      assertThat(node.told(events)).isEmpty();
    }
  }

  @Test
  void whatIsGoneIsToldWithWhatIsKnownOfItsSandbox() {
    String vm = node.runPod(virtlet, "vm");
    node.run(virtlet, vm, "disk");
    PodSandboxStatus before = node.client().runtime().podSandboxStatus(status(vm)).getStatus();
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      unheard(virtlet, () -> node.removePod(virtlet, vm));
      node.advance(A_MINUTE);

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
  void aSandboxThatOnlyEventsToldOfIsKnownWhenItIsGone() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      String vm = node.runPod(virtlet, "vm");
      node.told(events);
      unheard(virtlet, () -> node.removePod(virtlet, vm));
      node.advance(A_MINUTE);

      ContainerEventResponse gone = events.next();
      assertThat(node.word(gone)).isEqualTo("vm DELETED");
      assertThat(gone.getPodSandboxStatus().getMetadata().getUid()).isEqualTo("uid-vm");
      assertThat(gone.getPodSandboxStatus().getLabelsMap()).containsEntry("app", "vm");
    }
  }

  @Test
  void aContainerThatIsFirstSeenExitedIsToldWithOneEvent() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      String vm = node.runPod(virtlet, "vm");
      node.told(events);
      unheard(virtlet, () -> virtlet.killContainer(node.run(virtlet, vm, "disk"), 1));
      node.advance(A_MINUTE);

      assertThat(node.told(events)).containsExactly("disk STOPPED");
    }
  }

  @Test
  void thingsOfOneSandboxAreToldInTheOrderInWhichTheyHappen() {
    String vm = node.runPod(virtlet, "vm");
    node.run(virtlet, vm, "disk");
    String net = node.run(virtlet, vm, "net");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      unheard(
          virtlet,
          () -> {
            node.removeContainer(virtlet, net);
            virtlet.killPod(vm);
            node.run(virtlet, node.runPod(virtlet, "next"), "app");
          });
      node.advance(A_MINUTE);

      assertThat(node.told(events))
          .containsExactlyInAnyOrder(
              "disk STOPPED", "net DELETED", "vm STOPPED", "next STARTED", "app STARTED")
          .containsSubsequence("disk STOPPED", "net DELETED", "vm STOPPED")
          .containsSubsequence("next STARTED", "app STARTED");
    }
  }

  @Test
  void aSandboxIsAskedForOnceHoweverMuchHappenedInIt() {
    String vm = node.runPod(virtlet, "vm");
    for (String name : new String[] {"a", "b", "c"}) {
      node.run(virtlet, vm, name);
    }
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      unheard(virtlet, () -> virtlet.killPod(vm));
      node.advance(A_MINUTE);

      assertThat(node.told(events))
          .containsExactly("a STOPPED", "b STOPPED", "c STOPPED", "vm STOPPED");
      assertThat(virtlet.journal().callsOf("PodSandboxStatus")).hasSize(1);
      assertThat(virtlet.journal().callsOf("ContainerStatus")).isEmpty();
    }
  }
}
