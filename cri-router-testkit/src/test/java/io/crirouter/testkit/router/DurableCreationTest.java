package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.IdStrategy;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.PodSandbox;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A creation is known even if the router is killed right after its response, and restarts while the
 * runtime is down. No time passes between the response and the kill.
 */
class DurableCreationTest {
  private final MemoryStateStore store = new MemoryStateStore();
  private SimulatedNode node = SimulatedNode.of();

  static Stream<IdStrategy> strategies() {
    return Stream.of(IdStrategy.prefixed(), IdStrategy.nativeIds());
  }

  private void start(IdStrategy ids) {
    node =
        SimulatedNode.of(PRIMARY, VIRTLET)
            .withStore(store)
            .configured(builder -> builder.ids(ids))
            .startRouter();
    node.advance(Duration.ofSeconds(1));
  }

  @AfterEach
  void stop() {
    node.close();
  }

  /** Kills the router: it is not closed, and none of its timers runs. */
  private void killTheRouterWhileTheRuntimeIsAway() {
    node.withStore(store.copy());
    node.virtlet().down();
    node.startRouter();
  }

  private List<String> sandboxes() {
    return node.sandboxes().stream().map(PodSandbox::getId).toList();
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void aCreatedPodSandboxIsListedAfterAKill(IdStrategy ids) {
    start(ids);
    String pod = node.runPod("vm", VIRTLET);

    killTheRouterWhileTheRuntimeIsAway();

    assertThat(sandboxes()).containsExactly(pod);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void aCreatedContainerIsListedAfterAKill(IdStrategy ids) {
    start(ids);
    String pod = node.runPod("vm", VIRTLET);
    node.advance(Duration.ofSeconds(1));
    String container = node.createContainer(pod, "main");

    killTheRouterWhileTheRuntimeIsAway();

    assertThat(node.containers()).extracting(Container::getId).containsExactly(container);
    assertThat(node.containers().get(0).getPodSandboxId()).isEqualTo(pod);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void severalCreationsAreListedAfterAKill(IdStrategy ids) {
    start(ids);
    String one = node.runPod("one", VIRTLET);
    String two = node.runPod("two", VIRTLET);
    String three = node.runPod("three", VIRTLET);

    killTheRouterWhileTheRuntimeIsAway();

    assertThat(sandboxes()).containsExactlyInAnyOrder(one, two, three);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void aCreatedPodStaysWithItsRuntimeAfterAKill(IdStrategy ids) {
    start(ids);
    node.runPod("vm", VIRTLET);
    node.configured(builder -> builder.ids(ids).policy(pod -> Optional.empty()));

    killTheRouterWhileTheRuntimeIsAway();

    assertFails(() -> node.runPod("vm", VIRTLET, 1), Status.Code.UNAVAILABLE, VIRTLET);
    assertThat(node.runtime(PRIMARY).pods()).isEmpty();
  }
}
