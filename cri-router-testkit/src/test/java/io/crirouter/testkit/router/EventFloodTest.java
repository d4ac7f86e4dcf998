package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.EventNode.arrived;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ResponseStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One runtime sends more events than a client reads. The stream stays open, events of other
 * runtimes are not delayed, and the client ends with the real state.
 */
class EventFloodTest {
  /** A large text, so that few events exceed the buffer of 16 MiB. */
  private static final String LARGE = "x".repeat(400 << 10);

  private final EventNode node = EventNode.start();
  private final FakeRuntime virtlet = node.virtlet();

  @AfterEach
  void stop() {
    node.close();
  }

  private static String runLargePod(FakeRuntime runtime, String name) {
    try (CriClient direct = CriClient.of(runtime)) {
      return direct
          .runtime()
          .runPodSandbox(
              RunPodSandboxRequest.newBuilder()
                  .setConfig(
                      SimulatedNode.pod(name, "anywhere").toBuilder()
                          .putAnnotations("large", LARGE))
                  .build())
          .getPodSandboxId();
    }
  }

  /** Creates events of more than 16 MiB, even if only the last of each pod is kept. */
  private List<String> flood(String name) {
    List<String> pods = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      pods.add(runLargePod(virtlet, name + i));
    }
    return pods;
  }

  private static boolean isOpen(ResponseStream<ContainerEventResponse> events) {
    return events.toString().contains("open");
  }

  private static boolean isOfPrimary(ContainerEventResponse event) {
    return !event.getContainerId().startsWith(EventNode.PREFIX);
  }

  /** Records the last event of each pod of the secondary, by the id of the runtime. */
  private static void note(
      List<ContainerEventResponse> events, Map<String, ContainerEventType> received) {
    events.forEach(
        event ->
            received.put(
                event.getContainerId().replace(EventNode.PREFIX, ""),
                event.getContainerEventType()));
  }

  /** Reads until no event arrives for some minutes. */
  private List<ContainerEventResponse> readAll(ResponseStream<ContainerEventResponse> events) {
    List<ContainerEventResponse> all = new ArrayList<>(arrived(events));
    for (int quiet = 0; quiet < 2; ) {
      node.advance(Duration.ofSeconds(61));
      List<ContainerEventResponse> more = arrived(events);
      quiet = more.isEmpty() ? quiet + 1 : 0;
      all.addAll(more);
    }
    return all;
  }

  private Map<String, ContainerEventType> present() {
    Map<String, ContainerEventType> present = new HashMap<>();
    virtlet
        .pods()
        .forEach(
            pod ->
                present.put(
                    pod.getId(),
                    pod.getState() == PodSandboxState.SANDBOX_READY
                        ? ContainerEventType.CONTAINER_STARTED_EVENT
                        : ContainerEventType.CONTAINER_STOPPED_EVENT));
    return present;
  }

  @Test
  void theStreamOfASlowClientStaysOpen() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      for (String name : List.of("first", "second", "third", "fourth")) {
        flood(name);
        assertThat(isOpen(slow)).as("after the %s flood", name).isTrue();
        Optional<ContainerEventResponse> unused = slow.poll();
      }
    }
  }

  @Test
  void theLastStatesAreReportedWhenTheClientReadsAgain() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      List<String> pods = flood("pod");
      virtlet.killPod(pods.get(0));
      node.removePod(virtlet, pods.get(1));

      Map<String, ContainerEventType> received = new HashMap<>();
      note(readAll(slow), received);

      Map<String, ContainerEventType> expected = present();
      // All of its events were dropped, so no event has to follow.
      received.remove(pods.get(1), ContainerEventType.CONTAINER_DELETED_EVENT);
      assertThat(received).isEqualTo(expected).hasSize(49);
    }
  }

  @Test
  void theLastStatesAreReportedWithinSeconds() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      flood("pod");
      Map<String, ContainerEventType> received = new HashMap<>();
      note(arrived(slow), received);
      assertThat(received).as("what was not dropped").hasSizeLessThan(50);
      node.advance(Duration.ofSeconds(3));

      note(arrived(slow), received);
      assertThat(received).containsAllEntriesOf(present());
    }
  }

  @Test
  void aFastClientGetsEachEventOnce() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1);
        ResponseStream<ContainerEventResponse> keen = node.listen()) {
      flood("pod");
      assertThat(readAll(slow)).isNotEmpty();

      assertThat(arrived(keen)).hasSize(100);
    }
  }

  @Test
  void eventsOfOtherRuntimesAreNeitherLostNorDelayed() {
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      flood("pod");
      List<String> names = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        String pod = node.runPod(node.primary(), "plain" + i);
        names.add(pod);
        runLargePod(virtlet, "more" + i);
      }

      List<ContainerEventResponse> received = arrived(slow);
      List<String> ofPrimary =
          received.stream()
              .filter(EventFloodTest::isOfPrimary)
              .map(ContainerEventResponse::getContainerId)
              .distinct()
              .toList();
      assertThat(ofPrimary).isEqualTo(names);
      assertThat(received.stream().limit(82).filter(EventFloodTest::isOfPrimary))
          .as("the 40 events of the primary, one in two")
          .hasSize(40);
    }
  }

  @Test
  void anEndlessStreamIsReadAThousandTimesASecond() {
    virtlet.flood("GetContainerEvents");
    try (ResponseStream<ContainerEventResponse> keen = node.listen(1_000_000)) {
      node.runPod(virtlet, "pod");
      node.advance(Duration.ofSeconds(10));
      int first = arrived(keen).size();
      String other = node.runPod(node.primary(), "plain");
      node.advance(Duration.ofSeconds(10));

      List<ContainerEventResponse> second = arrived(keen);
      assertThat(first).as("events in ten seconds").isBetween(14_000, 15_200);
      assertThat(second).as("events in the next ten").hasSizeBetween(9_800, 10_200);
      assertThat(second.get(0).getContainerId()).isEqualTo(other);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void randomReadsLeadToTheRealStateInOrder(long seed) {
    Random random = new Random(seed);
    Map<String, ContainerEventType> received = new HashMap<>();
    try (ResponseStream<ContainerEventResponse> slow = node.listen(1)) {
      for (int step = 0; step < 200; step++) {
        randomChange(random, step);
        if (random.nextInt(10) == 0) {
          node.advance(Duration.ofSeconds(random.nextInt(70)));
        }
        for (int i = random.nextInt(4) * random.nextInt(4); i > 0; i--) {
          Optional<ContainerEventResponse> event = slow.poll();
          event.ifPresent(next -> noteInOrder(next, received));
        }
      }
      readAll(slow).forEach(event -> noteInOrder(event, received));

      Map<String, ContainerEventType> expected = present();
      received.forEach(
          (id, type) -> expected.putIfAbsent(id, ContainerEventType.CONTAINER_DELETED_EVENT));
      assertThat(received).isEqualTo(expected).hasSizeGreaterThan(50);
    }
  }

  private void randomChange(Random random, int step) {
    List<String> pods = new ArrayList<>(present().keySet());
    switch (random.nextInt(4)) {
      case 0, 1 -> {
        if (pods.size() < 60) {
          runLargePod(virtlet, "pod" + step);
        }
      }
      case 2 -> pods.stream().skip(random.nextInt(9)).findFirst().ifPresent(virtlet::killPod);
      default -> {
        if (pods.size() > 45) {
          node.removePod(virtlet, pods.get(random.nextInt(pods.size())));
        }
      }
    }
  }

  private void noteInOrder(ContainerEventResponse event, Map<String, ContainerEventType> received) {
    String id = event.getContainerId().replace(EventNode.PREFIX, "");
    ContainerEventType before = received.put(id, event.getContainerEventType());
    assertThat(before == null || before.getNumber() <= event.getContainerEventType().getNumber())
        .as("%s after %s", node.word(event), before)
        .isTrue();
  }
}
