package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendStatistics;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.testkit.ResponseStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The statistics of runtimes for metrics. */
class StatisticsTest {
  private final EventNode node = EventNode.start();

  @AfterEach
  void stop() {
    node.close();
  }

  private BackendStatistics primary() {
    return node.router().statistics().get(0);
  }

  private BackendStatistics virtlet() {
    return node.router().statistics().get(1);
  }

  private void runPods(int count) {
    for (int i = 0; i < count; i++) {
      node.runPod(node.virtlet(), "pod" + i);
    }
  }

  @Test
  void theKnownObjectsOfEachRuntimeAreCounted() {
    runPods(3);
    node.client().runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
    node.client().runtime().listContainers(ListContainersRequest.getDefaultInstance());

    assertThat(primary().name()).hasToString("containerd");
    assertThat(primary().podSandboxes()).isZero();
    assertThat(virtlet().name()).hasToString("virtlet.cloud");
    assertThat(virtlet().podSandboxes()).isEqualTo(3);
    assertThat(virtlet().objectsNotRemembered()).isZero();
  }

  @Test
  void droppedEventsAreCountedPerRuntime() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      runPods(600);

      assertThat(virtlet().events()).isEqualTo(1200);
      assertThat(virtlet().eventsCoalesced()).as("600 of the 1199 that wait").isEqualTo(599);
      assertThat(virtlet().eventsDropped()).isZero();
      assertThat(primary().events()).isZero();
      assertThat(slow).hasToString("ResponseStream(GetContainerEvents, open)");
    }
    assertThat(virtlet().eventsCoalesced()).as("its end drops what it never read").isEqualTo(599);
  }

  @Test
  void countsContinueOverSubscriptions() {
    node.listen().close();
    runPods(1);
    long first = virtlet().events();
    try (ResponseStream<ContainerEventResponse> resubscribed = node.listen()) {
      node.runPod(node.virtlet(), "resubscribed");

      assertThat(node.received(resubscribed)).isNotEmpty();
      assertThat(virtlet().events()).isEqualTo(first + 2);
    }
  }
}
