package io.crirouter.testkit.e2e;

import static io.crirouter.proto.v1.ContainerEventType.CONTAINER_CREATED_EVENT;
import static io.crirouter.proto.v1.ContainerEventType.CONTAINER_DELETED_EVENT;
import static io.crirouter.proto.v1.ContainerEventType.CONTAINER_STARTED_EVENT;
import static io.crirouter.proto.v1.ContainerEventType.CONTAINER_STOPPED_EVENT;
import static io.crirouter.testkit.e2e.Side.PRIMARY;
import static io.crirouter.testkit.e2e.Side.SECONDARY;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.testkit.ResponseStream;
import io.crirouter.testkit.containerd.ContainerdLine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** An event stream survives the kill of a runtime. */
@ParameterizedClass
@EnumSource(value = ContainerdLine.class, names = "NEWER")
class EventsOutageE2eTest extends WithExclusivePair {
  private static final List<ContainerEventType> LIFECYCLE =
      List.of(
          CONTAINER_CREATED_EVENT,
          CONTAINER_STARTED_EVENT,
          CONTAINER_STOPPED_EVENT,
          CONTAINER_DELETED_EVENT);

  /** The event types by id, in order of arrival. */
  private final Map<String, List<ContainerEventType>> received = new HashMap<>();

  @Test
  void theStreamSurvivesAKilledSecondaryAndReportsMissedExitsOnce() throws IOException {
    try (ResponseStream<ContainerEventResponse> events = proxy().events()) {
      ExitTrigger exitTrigger =
          ExitTrigger.in(pair().runtimes().run().path().resolve("exitTrigger"));
      KubeletPod exiting = KubeletPod.run(pair(), SECONDARY, "exiting");
      exiting.start(exitTrigger.container());
      readUntil(events, exiting.container(), CONTAINER_STARTED_EVENT);
      runtime(SECONDARY).kill();
      exitTrigger.fire();
      exitTrigger.awaitEnd();

      KubeletPod unaffected = runAndDelete(PRIMARY, "unaffected");
      readUntil(events, unaffected.id(), CONTAINER_DELETED_EVENT);
      assertThat(received.get(exiting.container()))
          .as("while the runtime is away")
          .containsExactly(CONTAINER_CREATED_EVENT, CONTAINER_STARTED_EVENT);
      restart(SECONDARY);

      readUntil(events, exiting.container(), CONTAINER_STOPPED_EVENT);
      KubeletPod later = runAndDelete(SECONDARY, "later");
      exiting.delete();
      readUntil(events, exiting.id(), CONTAINER_DELETED_EVENT);
      for (KubeletPod pod : List.of(exiting, unaffected, later)) {
        assertThat(received.get(pod.container())).as("container of %s", pod).isEqualTo(LIFECYCLE);
        assertThat(received.get(pod.id())).as("%s", pod).isEqualTo(LIFECYCLE);
      }
    }
  }

  private KubeletPod runAndDelete(Side side, String name) {
    KubeletPod pod = KubeletPod.run(pair(), side, name);
    pod.start(PodSpecs.printing("main", "hello"));
    pod.delete();
    return pod;
  }

  private void readUntil(
      ResponseStream<ContainerEventResponse> events, String id, ContainerEventType wanted) {
    while (!received.getOrDefault(id, List.of()).contains(wanted)) {
      ContainerEventResponse event = events.next();
      received
          .computeIfAbsent(event.getContainerId(), key -> new ArrayList<>())
          .add(event.getContainerEventType());
    }
  }
}
