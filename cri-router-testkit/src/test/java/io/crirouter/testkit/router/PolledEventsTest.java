package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ResponseStream;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A secondary without events is polled, and events are synthesized from the differences. */
class PolledEventsTest {
  private static final String RPC = "GetContainerEvents";
  private static final Duration POLL = Duration.ofSeconds(2);

  private final EventNode node = EventNode.withSecondary(runtime -> runtime.without(RPC));
  private final FakeRuntime virtlet = node.virtlet();

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void changesAreReportedAtEachPoll() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      String vm = node.runPod(virtlet, "vm");
      String disk = node.create(virtlet, vm, "disk");
      assertThat(node.received(events)).as("before the first poll").isEmpty();
      node.advance(POLL);
      assertThat(node.received(events)).containsExactly("vm STARTED", "disk CREATED");

      node.start(virtlet, disk);
      node.advance(POLL);
      assertThat(node.received(events)).containsExactly("disk STARTED");

      virtlet.killPod(vm);
      node.advance(POLL);
      assertThat(node.received(events)).containsExactly("disk STOPPED", "vm STOPPED");

      node.removePod(virtlet, vm);
      node.advance(POLL);
      assertThat(node.received(events)).containsExactly("disk DELETED", "vm DELETED");

      node.advance(Duration.ofMinutes(2));
      assertThat(node.received(events)).isEmpty();
    }
  }

  @Test
  void containerStatusesAreRequestedIfTheSandboxStatusLacksThem() {
    String vm = node.runPod(virtlet, "vm");
    String disk = node.run(virtlet, vm, "disk");
    String net = node.run(virtlet, vm, "net");
    node.run(virtlet, node.runPod(virtlet, "other"), "app");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.killContainer(disk, 3);
      node.advance(POLL);

      ContainerEventResponse stopped = events.next();
      assertThat(node.word(stopped)).isEqualTo("disk STOPPED");
      assertThat(stopped.getPodSandboxStatus().getId()).isEqualTo("virt__" + vm);
      assertThat(stopped.getContainersStatusesList())
          .extracting(ContainerStatus::getId)
          .containsExactly("virt__" + disk, "virt__" + net);
      assertThat(stopped.getContainersStatusesList())
          .extracting(ContainerStatus::getState)
          .containsExactly(ContainerState.CONTAINER_EXITED, ContainerState.CONTAINER_RUNNING);
      assertThat(virtlet.journal().callsOf("PodSandboxStatus")).hasSize(1);
      assertThat(virtlet.journal().callsOf("ContainerStatus")).hasSize(2);
    }
  }

  @Test
  void aContainerRemovedBeforeItsStatusIsLeftOut() {
    String vm = node.runPod(virtlet, "vm");
    String disk = node.run(virtlet, vm, "disk");
    node.run(virtlet, vm, "net");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.killContainer(disk, 3);
      virtlet.failNext("ContainerStatus", RpcStatus.of(Code.NOT_FOUND, "gone"));
      node.advance(POLL);

      ContainerEventResponse stopped = events.next();
      assertThat(node.word(stopped)).isEqualTo("disk STOPPED");
      assertThat(stopped.getContainersStatusesList())
          .singleElement()
          .extracting(status -> status.getMetadata().getName())
          .isEqualTo("net");
    }
  }

  @Test
  void pollsHappenOnlyWhileThereAreClients() {
    ResponseStream<ContainerEventResponse> events = node.listen();
    int before = polls();
    node.advance(POLL.multipliedBy(5));
    assertThat(polls()).isEqualTo(before + 5);
    events.close();
    node.advance(POLL.multipliedBy(5));

    assertThat(polls()).isEqualTo(before + 5);
  }

  @Test
  void pollsOfARuntimeThatHangsDoNotPileUp() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      int before = polls();
      virtlet.hang("ListPodSandbox");
      node.advance(Duration.ofSeconds(60));
      assertThat(polls() - before).as("one after the other, each given 5 s").isBetween(8, 12);

      virtlet.resume();
      node.runPod(virtlet, "vm");
      node.advance(Duration.ofSeconds(7));
      assertThat(node.received(events)).containsExactly("vm STARTED");
    }
  }

  @Test
  void theSubscriptionIsRetriedOnlyAfterAnOutage() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      node.advance(Duration.ofMinutes(1));
      assertThat(virtlet.journal().callsOf(RPC)).hasSize(1);

      virtlet.down();
      virtlet.up();
      node.runPod(virtlet, "vm");
      node.advance(POLL);

      assertThat(virtlet.journal().callsOf(RPC)).hasSize(2);
      assertThat(node.received(events)).containsExactly("vm STARTED");
    }
  }

  @Test
  void aRuntimeThatGainsEventsIsNotPolledAnyMore() {
    try (EventNode growing = EventNode.start()) {
      FakeRuntime runtime = growing.virtlet();
      runtime.failAlways(RPC, RpcStatus.of(Code.UNIMPLEMENTED, "unknown method"));
      try (ResponseStream<ContainerEventResponse> events = growing.listen()) {
        runtime.down();
        runtime.heal();
        runtime.up();
        growing.advance(POLL);
        assertThat(runtime.eventSubscribers()).isOne();

        int before = runtime.journal().callsOf("ListContainers").size();
        growing.advance(Duration.ofSeconds(50));
        growing.runPod(runtime, "vm");

        assertThat(runtime.journal().callsOf("ListContainers")).hasSize(before);
        assertThat(growing.received(events)).containsExactly("vm CREATED", "vm STARTED");
      }
    }
  }

  private int polls() {
    return virtlet.journal().callsOf("ListPodSandbox").size();
  }
}
