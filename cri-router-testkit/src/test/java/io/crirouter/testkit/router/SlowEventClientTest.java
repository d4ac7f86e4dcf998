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

/** A client that does not read uses a bounded buffer and does not affect others. */
class SlowEventClientTest {
  private final EventNode node = EventNode.start();
  private final FakeRuntime virtlet = node.virtlet();

  @AfterEach
  void stop() {
    node.close();
  }

  /** Runs pods, each with two events. */
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
  void aThousandEventsAreBuffered() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      runPods(500);

      assertThat(node.received(slow)).isEqualTo(words(500, "CREATED", "STARTED"));
    }
  }

  @Test
  void ofMoreThanAThousandEventsTheLastOfEachContainerIsKept() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      runPods(600);

      List<String> expected = words(600, "STARTED");
      expected.add(0, "pod0 CREATED");
      assertThat(node.received(slow))
          .as("the requested event, then the rest of 1199 others")
          .isEqualTo(expected);
    }
  }

  @Test
  void aClientThatHasCaughtUpGetsAllEvents() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      runPods(600);
      node.received(slow);

      String pod = node.runPod(virtlet, "next");
      node.removePod(virtlet, pod);

      assertThat(node.received(slow))
          .containsExactly("next CREATED", "next STARTED", "next STOPPED", "next DELETED");
    }
  }

  @Test
  void theLastEventOfAContainerIsKept() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      String first = node.runPod(virtlet, "first");
      runPods(600);
      node.removePod(virtlet, first);

      List<String> received = node.received(slow);
      assertThat(received).startsWith("first CREATED").endsWith("first DELETED");
      assertThat(received).doesNotContain("first STARTED", "first STOPPED").hasSize(602);
    }
  }

  @Test
  void aSlowClientDoesNotBlockTheRuntime() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      runPods(1800);

      assertThat(virtlet.droppedEvents()).isZero();
      assertThat(arrived(slow)).hasSize(1801);
    }
  }

  @Test
  void aSlowClientDoesNotAffectAnother() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1);
        ResponseStream<ContainerEventResponse> fast = node.listen()) {
      runPods(600);

      assertThat(node.received(fast)).isEqualTo(words(600, "CREATED", "STARTED"));
      assertThat(slow).hasToString("ResponseStream(GetContainerEvents, open)");
    }
  }

  @Test
  void theStreamOfAClientThatDoesNotReadStaysOpen() {
    try (ResponseStream<ContainerEventResponse> dead = node.listen(1);
        ResponseStream<ContainerEventResponse> fast = node.listen()) {
      runPods(2000);

      assertThat(dead).hasToString("ResponseStream(GetContainerEvents, open)");
      assertThat(arrived(fast)).as("the other client's").hasSize(2 * 2000);
      assertThat(virtlet.eventSubscribers()).isOne();
    }
  }
}
