package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.EventNode.arrived;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ResponseStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A client that does not read costs a bounded buffer, and nobody else anything. */
class SlowEventClientTest {
  private final EventNode node = EventNode.start();
  private final FakeRuntime virtlet = node.virtlet();

  @AfterEach
  void stop() {
    node.close();
  }

  /** Twice as many events, two for each pod. */
  private void runPods(int count) {
    for (int i = 0; i < count; i++) {
      node.runPod(virtlet, "pod" + i);
    }
  }

  private static List<String> words(int count, String... types) {
    List<String> words = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      for (String type : types) {
        words.add("pod" + i + " " + type);
      }
    }
    return words;
  }

  @Test
  void aThousandEventsWaitForASlowClientWithoutLoss() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      runPods(500);

      assertThat(node.told(slow)).isEqualTo(words(500, "CREATED", "STARTED"));
    }
  }

  @Test
  void ofMoreThanAThousandTheLastOfEachContainerStays() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      runPods(600);

      List<String> expected = words(600, "STARTED");
      expected.add(0, "pod0 CREATED");
      assertThat(node.told(slow))
          .as("the one that was asked for, then what is left of 1199 that were not")
          .isEqualTo(expected);
    }
  }

  @Test
  void aClientThatHasCaughtUpHearsEveryEventAgain() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      runPods(600);
      node.told(slow);

      String pod = node.runPod(virtlet, "next");
      node.removePod(virtlet, pod);

      assertThat(node.told(slow))
          .containsExactly("next CREATED", "next STARTED", "next STOPPED", "next DELETED");
    }
  }

  @Test
  void theLastEventOfAContainerIsTheOneThatStays() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      String first = node.runPod(virtlet, "first");
      runPods(600);
      node.removePod(virtlet, first);

      List<String> told = node.told(slow);
      assertThat(told).startsWith("first CREATED").endsWith("first DELETED");
      assertThat(told).doesNotContain("first STARTED", "first STOPPED").hasSize(602);
    }
  }

  @Test
  void aRuntimeIsNeverHeldUpByASlowClient() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      runPods(1800);

      assertThat(virtlet.droppedEvents()).isZero();
      assertThat(arrived(slow)).hasSize(1801);
    }
  }

  @Test
  void aSlowClientDoesNotAffectAnother() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1);
        ResponseStream<ContainerEventResponse> keen = node.listen()) {
      runPods(600);

      assertThat(node.told(keen)).isEqualTo(words(600, "CREATED", "STARTED"));
      assertThat(slow).hasToString("ResponseStream(GetContainerEvents, open)");
    }
  }

  @Test
  void theStreamOfAClientThatDoesNotReadAtAllGoesOn() {
    try (ResponseStream<ContainerEventResponse> dead = node.listen(1);
        ResponseStream<ContainerEventResponse> keen = node.listen()) {
      runPods(2000);

      assertThat(dead).hasToString("ResponseStream(GetContainerEvents, open)");
      assertThat(arrived(keen)).as("the other client's").hasSize(2 * 2000);
      assertThat(virtlet.eventSubscribers()).isOne();
    }
  }
}
