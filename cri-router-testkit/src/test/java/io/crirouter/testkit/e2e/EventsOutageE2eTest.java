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

/** One stream of events goes on though a runtime is killed behind it. */
@ParameterizedClass
@EnumSource(value = ContainerdLine.class, names = "NEWER")
class EventsOutageE2eTest extends OnOwnPair {
  private static final List<ContainerEventType> WHOLE_LIFE =
      List.of(
          CONTAINER_CREATED_EVENT,
          CONTAINER_STARTED_EVENT,
          CONTAINER_STOPPED_EVENT,
          CONTAINER_DELETED_EVENT);

  /** All that was told of each container and sandbox, in order. */
  private final Map<String, List<ContainerEventType>> told = new HashMap<>();

  @Test
  void streamSurvivesTheDeathOfASecondaryAndWhatDiedMeanwhileIsToldOnce() throws IOException {
    try (ResponseStream<ContainerEventResponse> events = proxy().events()) {
      Gate gate = Gate.in(pair().runtimes().run().path().resolve("gate"));
      KubeletPod gated = KubeletPod.run(pair(), SECONDARY, "gated");
      gated.start(gate.container());
      readUntil(events, gated.container(), CONTAINER_STARTED_EVENT);
      runtime(SECONDARY).kill();
      gate.open();
      gate.awaitEnd();

      KubeletPod unaffected = wholeLife(PRIMARY, "unaffected");
      readUntil(events, unaffected.id(), CONTAINER_DELETED_EVENT);
      assertThat(told.get(gated.container()))
          .as("while the runtime is away")
          .containsExactly(CONTAINER_CREATED_EVENT, CONTAINER_STARTED_EVENT);
      restart(SECONDARY);

      readUntil(events, gated.container(), CONTAINER_STOPPED_EVENT);
      KubeletPod later = wholeLife(SECONDARY, "later");
      gated.delete();
      readUntil(events, gated.id(), CONTAINER_DELETED_EVENT);
      for (KubeletPod pod : List.of(gated, unaffected, later)) {
        assertThat(told.get(pod.container())).as("container of %s", pod).isEqualTo(WHOLE_LIFE);
        assertThat(told.get(pod.id())).as("%s", pod).isEqualTo(WHOLE_LIFE);
      }
    }
  }

  private KubeletPod wholeLife(Side side, String name) {
    KubeletPod pod = KubeletPod.run(pair(), side, name);
    pod.start(PodSpecs.talker("main", "hello"));
    pod.delete();
    return pod;
  }

  private void readUntil(
      ResponseStream<ContainerEventResponse> events, String id, ContainerEventType wanted) {
    while (!told.getOrDefault(id, List.of()).contains(wanted)) {
      ContainerEventResponse event = events.next();
      told.computeIfAbsent(event.getContainerId(), key -> new ArrayList<>())
          .add(event.getContainerEventType());
    }
  }
}
