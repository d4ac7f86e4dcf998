package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.EventNode.arrived;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ResponseStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happens, in the end the client knows what is true, and nothing was told backwards. */
class EventChaosTest {
  private static final int STEPS = 400;
  private static final List<String> RPCS =
      List.of("GetContainerEvents", "ListPodSandbox", "ListContainers", "PodSandboxStatus");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void aClientThatOnlyListensEndsUpWithTheTruth(long seed) {
    try (Course course = new Course(EventNode.start(), seed)) {
      course.run();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void soDoesAClientOfARuntimeThatIsPolled(long seed) {
    EventNode node = EventNode.withSecondary(fake -> fake.without("GetContainerEvents"));
    try (Course course = new Course(node, seed)) {
      course.run();
    }
  }

  /** One course of events at the secondary. */
  private static final class Course implements AutoCloseable {
    private final Random random;
    private final EventNode node;
    private final FakeRuntime virtlet;
    private final ResponseStream<ContainerEventResponse> events;
    private final Map<String, ContainerEventType> told = new HashMap<>();
    private boolean down;
    private int names;

    Course(EventNode node, long seed) {
      this.node = node;
      this.random = new Random(seed);
      this.virtlet = node.virtlet();
      this.events = node.listen();
    }

    void run() {
      for (int step = 0; step < STEPS; step++) {
        if (random.nextInt(5) == 0) {
          trouble();
        } else if (down) {
          die();
        } else {
          live();
        }
        node.advance(Duration.ofMillis(random.nextInt(3000)));
        read();
      }
      heal();
      node.advance(Duration.ofSeconds(130));
      read();
      assertThat(told).isEqualTo(truth());
      assertThat(names).as("pods and containers").isGreaterThan(30);
    }

    private void trouble() {
      switch (random.nextInt(7)) {
        case 0 -> {
          virtlet.down();
          down = true;
        }
        case 1 -> virtlet.loseEvents(true);
        case 2 -> virtlet.hang(RPCS.get(random.nextInt(RPCS.size())));
        case 3 -> virtlet.delay(RPCS.get(random.nextInt(RPCS.size())), Duration.ofSeconds(3));
        case 4 ->
            virtlet.failNext(
                RPCS.get(random.nextInt(RPCS.size())), RpcStatus.of(Code.INTERNAL, "chaos"));
        default -> heal();
      }
    }

    private void heal() {
      virtlet.up();
      virtlet.resume();
      virtlet.heal();
      virtlet.loseEvents(false);
      down = false;
    }

    /** What can happen while nobody can call. */
    private void die() {
      running().stream()
          .skip(random.nextInt(3))
          .findFirst()
          .ifPresent(container -> virtlet.killContainer(container.getId(), 1));
    }

    private List<Container> running() {
      return virtlet.containers().stream()
          .filter(container -> container.getState() == ContainerState.CONTAINER_RUNNING)
          .toList();
    }

    private void live() {
      List<String> pods = virtlet.pods().stream().map(pod -> pod.getId()).toList();
      List<String> containers = virtlet.containers().stream().map(Container::getId).toList();
      switch (pods.isEmpty() ? 0 : random.nextInt(6)) {
        case 0 -> node.runPod(virtlet, "pod" + names++);
        case 1, 2 -> {
          String pod = any(pods);
          if (isReady(pod)) {
            node.run(virtlet, pod, "container" + names++);
          }
        }
        case 3 -> die();
        case 4 -> {
          if (!containers.isEmpty()) {
            node.removeContainer(virtlet, any(containers));
          }
        }
        default -> {
          if (random.nextBoolean()) {
            virtlet.killPod(any(pods));
          } else if (pods.size() > 3) {
            node.removePod(virtlet, any(pods));
          }
        }
      }
    }

    private boolean isReady(String id) {
      return virtlet.pods().stream()
          .anyMatch(
              pod -> pod.getId().equals(id) && pod.getState() == PodSandboxState.SANDBOX_READY);
    }

    private String any(List<String> ids) {
      return ids.get(random.nextInt(ids.size()));
    }

    private void read() {
      for (ContainerEventResponse event : arrived(events)) {
        String id = event.getContainerId();
        ContainerEventType type = event.getContainerEventType();
        ContainerEventType before = told.put(id, type);
        assertThat(before == null || before.getNumber() < type.getNumber())
            .as("%s comes after %s", node.word(event), before)
            .isTrue();
      }
    }

    /** The last event that there should have been for each thing that was ever told of. */
    private Map<String, ContainerEventType> truth() {
      Map<String, ContainerEventType> truth = new HashMap<>();
      told.keySet().forEach(id -> truth.put(id, ContainerEventType.CONTAINER_DELETED_EVENT));
      virtlet
          .pods()
          .forEach(
              pod ->
                  truth.put(
                      EventNode.PREFIX + pod.getId(),
                      pod.getState() == PodSandboxState.SANDBOX_READY
                          ? ContainerEventType.CONTAINER_STARTED_EVENT
                          : ContainerEventType.CONTAINER_STOPPED_EVENT));
      virtlet
          .containers()
          .forEach(
              container ->
                  truth.put(
                      EventNode.PREFIX + container.getId(),
                      ContainerEventType.forNumber(container.getState().getNumber())));
      return truth;
    }

    @Override
    public void close() {
      events.close();
      node.close();
    }
  }
}
