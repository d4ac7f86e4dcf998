package io.crirouter.testkit.e2e;

import static io.crirouter.proto.v1.ContainerEventType.CONTAINER_CREATED_EVENT;
import static io.crirouter.proto.v1.ContainerEventType.CONTAINER_DELETED_EVENT;
import static io.crirouter.proto.v1.ContainerEventType.CONTAINER_STARTED_EVENT;
import static io.crirouter.proto.v1.ContainerEventType.CONTAINER_STOPPED_EVENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.testkit.ResponseStream;
import io.crirouter.testkit.containerd.ContainerdLine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The events of both runtimes in one stream. containerd 1.6 has no events. */
@ParameterizedClass
@EnumSource(value = ContainerdLine.class, names = "NEWER")
class EventsE2eTest extends WithSharedPair {
  private static final List<ContainerEventType> LIFECYCLE =
      List.of(
          CONTAINER_CREATED_EVENT,
          CONTAINER_STARTED_EVENT,
          CONTAINER_STOPPED_EVENT,
          CONTAINER_DELETED_EVENT);

  @Test
  void lifecycleEventsOfBothRuntimesAreInOneStream() {
    try (ResponseStream<ContainerEventResponse> events = proxy().events()) {
      List<KubeletPod> pods = new ArrayList<>();
      for (Side side : Side.values()) {
        KubeletPod pod = KubeletPod.run(pair(), side, "watched");
        pod.start(PodSpecs.printing("main", "hello"));
        pods.add(pod);
      }
      pods.forEach(KubeletPod::delete);

      Map<String, List<ContainerEventType>> received = new HashMap<>();
      while (!pods.stream().allMatch(pod -> isDeleted(received, pod))) {
        ContainerEventResponse event = events.next();
        received
            .computeIfAbsent(event.getContainerId(), id -> new ArrayList<>())
            .add(event.getContainerEventType());
      }

      for (KubeletPod pod : pods) {
        assertThat(received.get(pod.id())).as("%s", pod).isEqualTo(LIFECYCLE);
        assertThat(received.get(pod.container())).as("container of %s", pod).isEqualTo(LIFECYCLE);
      }
    }
  }

  private static boolean isDeleted(Map<String, List<ContainerEventType>> received, KubeletPod pod) {
    return List.of(pod.id(), pod.container()).stream()
        .allMatch(id -> received.getOrDefault(id, List.of()).contains(CONTAINER_DELETED_EVENT));
  }

  @Test
  void eventsHaveTheStateOfThePodWithNamesForClients() {
    try (ResponseStream<ContainerEventResponse> events = proxy().events()) {
      for (Side side : Side.values()) {
        KubeletPod pod = KubeletPod.run(pair(), side, "described");
        String container = pod.start(PodSpecs.printing("main", "hello"));

        ContainerEventResponse started =
            events.next(
                event ->
                    event.getContainerId().equals(container)
                        && event.getContainerEventType() == CONTAINER_STARTED_EVENT);

        assertThat(started.getPodSandboxStatus()).isEqualTo(pod.status().getStatus());
        assertThat(started.getContainersStatusesList())
            .containsExactly(pod.status(container).getStatus());
        pod.delete();
      }
    }
  }
}
