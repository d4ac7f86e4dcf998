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

/** Events lead the client to the real state, in order, despite random faults. */
class EventChaosTest {
  private static final int STEPS = 400;
  private static final List<String> RPCS =
      List.of("GetContainerEvents", "ListPodSandbox", "ListContainers", "PodSandboxStatus");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void eventsLeadToTheRealState(long seed) {
    try (Run course = new Run(EventNode.start(), seed)) {
      course.run();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void eventsOfAPolledRuntimeLeadToTheRealState(long seed) {
    EventNode node = EventNode.withSecondary(fake -> fake.without("GetContainerEvents"));
    try (Run course = new Run(node, seed)) {
      course.run();
    }
  }

  /** One random run at the secondary. */
  private static final class Run implements AutoCloseable {
    private final Random random;
    private final EventNode node;
    private final FakeRuntime virtlet;
    private final ResponseStream<ContainerEventResponse> events;
    private final Map<String, ContainerEventType> received = new HashMap<>();
    private boolean down;
    private int names;

    Run(EventNode node, long seed) {
      this.node = node;
      this.random = new Random(seed);
      this.virtlet = node.virtlet();
      this.events = node.listen();
    }

    void run() {
      for (int step = 0; step < STEPS; step++) {
        if (random.nextInt(5) == 0) {
          injectFault();
        } else if (down) {
          randomExit();
        } else {
          randomChange();
        }
        node.advance(Duration.ofMillis(random.nextInt(3000)));
        read();
      }
      heal();
      node.advance(Duration.ofSeconds(130));
      read();
      assertThat(received).isEqualTo(expected());
      assertThat(names).as("pods and containers").isGreaterThan(30);
    }

    private void injectFault() {
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

    /** A change that is possible while no call is. */
    private void randomExit() {
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

    private void randomChange() {
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
        case 3 -> randomExit();
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
        ContainerEventType before = received.put(id, type);
        assertThat(before == null || before.getNumber() < type.getNumber())
            .as("%s comes after %s", node.word(event), before)
            .isTrue();
      }
    }

    /** The expected last event of each sandbox and container with events. */
    private Map<String, ContainerEventType> expected() {
      Map<String, ContainerEventType> expected = new HashMap<>();
      received.keySet().forEach(id -> expected.put(id, ContainerEventType.CONTAINER_DELETED_EVENT));
      virtlet
          .pods()
          .forEach(
              pod ->
                  expected.put(
                      EventNode.PREFIX + pod.getId(),
                      pod.getState() == PodSandboxState.SANDBOX_READY
                          ? ContainerEventType.CONTAINER_STARTED_EVENT
                          : ContainerEventType.CONTAINER_STOPPED_EVENT));
      virtlet
          .containers()
          .forEach(
              container ->
                  expected.put(
                      EventNode.PREFIX + container.getId(),
                      ContainerEventType.forNumber(container.getState().getNumber())));
      return expected;
    }

    @Override
    public void close() {
      events.close();
      node.close();
    }
  }
}
