package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.core.IdStrategy;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ContainerStatusResponse;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.StopContainerRequest;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The last known container status. The image GC of a kubelet gets the status of each listed
 * container, and removes no image of any runtime if one of these calls fails.
 */
class LastStatusTest {
  private static final Duration UNTIL_SAVED = Duration.ofMillis(200);

  private final SimulatedNode node =
      SimulatedNode.of(PRIMARY, VIRTLET).withStore(new MemoryStateStore()).startRouter();

  static Stream<IdStrategy> strategies() {
    return Stream.of(IdStrategy.prefixed(), IdStrategy.nativeIds());
  }

  @AfterEach
  void stop() {
    node.close();
  }

  @Test
  void containersOfALostRuntimeHaveTheirLastKnownStatus() {
    String container = runContainer(VIRTLET);
    ContainerStatus before = status(container);
    assertThat(before.getId()).isEqualTo(container);

    node.virtlet().down();

    assertThat(status(container)).isEqualTo(before);
    assertThat(node.containers()).hasSize(1);
  }

  @Test
  void theStatusComesFromTheRuntimeAfterItsReturn() {
    String container = runContainer(VIRTLET);
    status(container);
    node.virtlet().down();
    node.virtlet().up();
    node.advance(Duration.ofMinutes(1));
    int statusCalls = statusCalls();

    status(container);

    assertThat(statusCalls()).isEqualTo(statusCalls + 1);
  }

  /** Verbose info can be large, and may contain data that not all clients should get. */
  @Test
  void verboseInfoIsNotStored() {
    String container = runContainer(VIRTLET);
    ContainerStatusResponse verbose = answer(container, true);
    assertThat(verbose.getInfoMap()).isNotEmpty();

    node.virtlet().down();

    assertThat(answer(container, false))
        .isEqualTo(verbose.toBuilder().clearInfo().build())
        .isEqualTo(answer(container, true));
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void theLastKnownStatusSurvivesARestart(IdStrategy ids) {
    node.configured(builder -> builder.ids(ids)).startRouter();
    String container = runContainer(VIRTLET);
    ContainerStatus before = status(container);
    node.virtlet().down();
    node.advance(UNTIL_SAVED);

    node.startRouter();

    assertThat(status(container)).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void theLastKnownStatusOfAFormerRuntimeIsReturned(IdStrategy ids) {
    node.configured(builder -> builder.ids(ids)).startRouter();
    String container = runContainer(VIRTLET);
    ContainerStatus before = status(container);
    node.advance(UNTIL_SAVED);
    node.leaveOut(VIRTLET);

    node.startRouter();

    assertThat(node.containers()).hasSize(1);
    assertThat(status(container)).isEqualTo(before);
  }

  @Test
  void eachStateOfAContainerIsSavedOnce() {
    MemoryStateStore kept = new MemoryStateStore();
    node.withStore(kept).startRouter();
    String container = runContainer(VIRTLET);
    node.advance(UNTIL_SAVED);
    int saves = kept.saves();

    for (int i = 0; i < 3; i++) {
      status(container);
      node.advance(UNTIL_SAVED);
    }

    assertThat(kept.saves()).isEqualTo(saves + 1);
  }

  @Test
  void aContainerWithoutAKnownStatusIsUnavailable() {
    String container = runContainer(VIRTLET);
    node.virtlet().down();

    assertUnavailable(container, VIRTLET);
  }

  /** The exit code is not known. */
  @Test
  void aStatusFromBeforeAStopIsNotReturned() {
    String container = runContainer(VIRTLET);
    status(container);
    node.client()
        .runtime()
        .stopContainer(StopContainerRequest.newBuilder().setContainerId(container).build());
    node.virtlet().down();

    assertUnavailable(container, VIRTLET);
  }

  @Test
  void aContainerThatWasRemovedHasNoStatus() {
    String container = runContainer(VIRTLET);
    node.client()
        .runtime()
        .stopContainer(StopContainerRequest.newBuilder().setContainerId(container).build());
    status(container);
    node.client()
        .runtime()
        .removeContainer(RemoveContainerRequest.newBuilder().setContainerId(container).build());
    node.virtlet().down();

    assertUnavailable(container, VIRTLET);
  }

  @Test
  void aFailureOfThePrimaryIsTheResponse() {
    String container = runContainer(PRIMARY);
    status(container);
    node.runtime(PRIMARY).down();

    assertUnavailable(container, PRIMARY);
  }

  private String runContainer(String runtime) {
    return node.runContainer(node.runPod("pod", runtime), "main");
  }

  private ContainerStatus status(String container) {
    return answer(container, false).getStatus();
  }

  private ContainerStatusResponse answer(String container, boolean verbose) {
    return node.client()
        .runtime()
        .containerStatus(
            ContainerStatusRequest.newBuilder()
                .setContainerId(container)
                .setVerbose(verbose)
                .build());
  }

  private int statusCalls() {
    return (int)
        node.virtlet().journal().calls().stream()
            .filter(call -> call.name().equals("ContainerStatus"))
            .count();
  }

  private void assertUnavailable(String container, String runtime) {
    assertThatThrownBy(() -> status(container))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageStartingWith("UNAVAILABLE")
        .hasMessageContaining(runtime);
  }
}
