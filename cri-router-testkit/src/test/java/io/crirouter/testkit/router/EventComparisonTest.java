package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.EventNode.withoutEvents;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ResponseStream;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The comparison for lost events while the runtime fails, hangs, or was down at the start. */
class EventComparisonTest {
  private static final Duration BACK = Duration.ofSeconds(1);
  private static final Duration ONE_MINUTE = Duration.ofSeconds(60);

  private final EventNode node = EventNode.start();
  private final FakeRuntime virtlet = node.virtlet();

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void aNewSecondaryIsReportedByEvents() {
    try (EventNode late = EventNode.withSecondaryAbsent();
        ResponseStream<ContainerEventResponse> events = late.listen()) {
      FakeRuntime runtime = late.virtlet();
      runtime.hang("Version");
      runtime.up();
      late.run(runtime, late.runPod(runtime, "vm"), "disk");
      assertThat(late.received(events)).as("before it is known to be there").isEmpty();

      runtime.resume();
      late.advance(BACK);

      assertThat(late.received(events)).containsExactly("vm STARTED", "disk STARTED");
      assertThat(runtime.eventSubscribers()).isOne();
    }
  }

  @Test
  void aLateSecondaryIsComparedWithItsLastKnownState() {
    String vm = node.runPod(virtlet, "vm");
    String disk = node.run(virtlet, vm, "disk");
    node.run(virtlet, vm, "net");
    virtlet.down();
    virtlet.up();
    node.advance(BACK);
    virtlet.down();
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.killContainer(disk, 0);
      virtlet.up();
      node.advance(BACK);

      assertThat(node.received(events)).containsExactly("disk STOPPED");
    }
  }

  @Test
  void aSecondaryWithFailedFirstListsIsComparedWithItsLastKnownState() {
    String vm = node.runPod(virtlet, "vm");
    String disk = node.run(virtlet, vm, "disk");
    node.client().runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
    node.client().runtime().listContainers(ListContainersRequest.getDefaultInstance());
    virtlet.failNext("ListContainers", RpcStatus.of(Code.INTERNAL, "not now"));
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      withoutEvents(virtlet, () -> virtlet.killContainer(disk, 0));
      node.advance(ONE_MINUTE);

      assertThat(node.received(events)).containsExactly("disk STOPPED");
    }
  }

  @Test
  void lostRuntimesAreNotListed() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.down();
      virtlet.journal().clear();
      node.advance(Duration.ofMinutes(5));

      assertThat(virtlet.journal().calls())
          .extracting(call -> call.method().name())
          .containsOnly("Version");
      assertThat(node.received(events)).isEmpty();
    }
  }

  @Test
  void listsDoNotPileUpAtAHungRuntime() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      withoutEvents(
          virtlet,
          () -> {
            node.runPod(virtlet, "a");
            node.runPod(virtlet, "b");
            node.runPod(virtlet, "c");
          });
      virtlet.hang("PodSandboxStatus");
      node.advance(ONE_MINUTE.plusSeconds(30));
      assertThat(virtlet.journal().callsOf("PodSandboxStatus")).hasSize(1);

      virtlet.resume();
      node.advance(ONE_MINUTE);

      assertThat(node.received(events)).containsExactly("a STARTED", "b STARTED", "c STARTED");
    }
  }

  @Test
  void changesDuringAnOutageAreFoundEvenIfAComparisonWasOpen() {
    String disk = node.run(virtlet, node.runPod(virtlet, "vm"), "disk");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      withoutEvents(
          virtlet,
          () -> {
            node.runPod(virtlet, "a");
            node.runPod(virtlet, "b");
            node.runPod(virtlet, "c");
          });
      node.advance(ONE_MINUTE.minusSeconds(1));
      virtlet.delay("PodSandboxStatus", Duration.ofSeconds(4));
      virtlet.hang("Version");
      node.advance(Duration.ofSeconds(7));
      withoutEvents(virtlet, () -> virtlet.killContainer(disk, 0));
      virtlet.resume();
      assertThat(node.received(events)).as("one is buffered, two are requested").hasSize(1);

      node.advance(Duration.ofSeconds(15));

      assertThat(node.received(events)).containsExactly("b STARTED", "c STARTED", "disk STOPPED");
    }
  }

  @Test
  void itemsWithoutIdAreIgnored() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.respondWithBytes(
          "ListContainers",
          ListContainersResponse.newBuilder()
              .addContainers(Container.newBuilder().setPodSandboxId("s"))
              .build()
              .toByteString());
      virtlet.respondWithBytes(
          "ListPodSandbox",
          ListPodSandboxResponse.newBuilder()
              .addItems(PodSandbox.getDefaultInstance())
              .build()
              .toByteString());
      node.advance(ONE_MINUTE);

      assertThat(node.received(events)).isEmpty();
    }
  }

  @Test
  void malformedListsAreIgnored() {
    String disk = node.run(virtlet, node.runPod(virtlet, "vm"), "disk");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.respondWithBytes("ListContainers", ByteString.copyFromUtf8("\u0007 is no field"));
      withoutEvents(virtlet, () -> virtlet.killContainer(disk, 0));
      node.advance(ONE_MINUTE);
      assertThat(node.received(events)).isEmpty();

      node.advance(ONE_MINUTE);

      assertThat(node.received(events)).containsExactly("disk STOPPED");
    }
  }

  @Test
  void anEventWithoutAStatusHasTheListedState() {
    String vm = node.runPod(virtlet, "vm");
    String disk = node.run(virtlet, vm, "disk");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      virtlet.failNext("PodSandboxStatus", RpcStatus.of(Code.UNKNOWN, "no network namespace"));
      withoutEvents(virtlet, () -> virtlet.killContainer(disk, 4));
      node.advance(ONE_MINUTE);

      ContainerEventResponse stopped = events.next();
      assertThat(node.word(stopped)).isEqualTo("disk STOPPED");
      assertThat(stopped.getPodSandboxStatus().getMetadata().getUid()).isEqualTo("uid-vm");
      assertThat(stopped.getPodSandboxStatus().getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
      assertThat(stopped.getContainersStatuses(0).getExitCode()).isEqualTo(4);
    }
  }

  @Test
  void aComparisonInterruptedByAnOutageContinuesAfterIt() {
    String vm = node.runPod(virtlet, "vm");
    String disk = node.run(virtlet, vm, "disk");
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      withoutEvents(virtlet, () -> virtlet.killContainer(disk, 4));
      virtlet.delay("PodSandboxStatus", Duration.ofSeconds(3));
      node.advance(ONE_MINUTE.plusSeconds(1));
      virtlet.down();
      virtlet.heal();
      node.advance(Duration.ofSeconds(10));
      assertThat(node.received(events)).isEmpty();

      virtlet.up();
      node.advance(BACK);

      assertThat(node.received(events)).containsExactly("disk STOPPED");
    }
  }

  @Test
  void aThousandChangesAreAllReported() {
    try (ResponseStream<ContainerEventResponse> events = node.listen()) {
      withoutEvents(
          virtlet,
          () -> {
            for (int i = 0; i < 1000; i++) {
              node.runPod(virtlet, "pod" + i);
            }
          });
      node.advance(ONE_MINUTE);
      assertThat(node.received(events)).hasSize(1000).allMatch(word -> word.endsWith(" STARTED"));

      withoutEvents(
          virtlet, () -> virtlet.pods().forEach(pod -> node.removePod(virtlet, pod.getId())));
      node.advance(ONE_MINUTE);
      assertThat(node.received(events)).hasSize(1000).allMatch(word -> word.endsWith(" DELETED"));
    }
  }
}
