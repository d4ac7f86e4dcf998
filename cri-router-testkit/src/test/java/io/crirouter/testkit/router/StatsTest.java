package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.ContainerStats;
import io.crirouter.proto.v1.ListContainerStatsRequest;
import io.crirouter.proto.v1.ListPodSandboxStatsRequest;
import io.crirouter.proto.v1.PodSandboxStats;
import io.crirouter.proto.v1.PodSandboxStatsFilter;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.StreamPodSandboxStatsRequest;
import io.crirouter.testkit.FakeRuntimeBuilder;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Stats of containers and pods. Missing pod stats of a secondary are synthesized. */
class StatsTest {
  private static FakeRuntimeBuilder withoutPodStats(FakeRuntimeBuilder fake) {
    return fake.without("ListPodSandboxStats", "StreamPodSandboxStats");
  }

  private static List<PodSandboxStats> podStats(Node node) {
    return podStats(node, PodSandboxStatsFilter.getDefaultInstance());
  }

  private static List<PodSandboxStats> podStats(Node node, PodSandboxStatsFilter filter) {
    return node.client
        .runtime()
        .listPodSandboxStats(ListPodSandboxStatsRequest.newBuilder().setFilter(filter).build())
        .getStatsList();
  }

  private static PodSandboxStats ofPod(String pod, List<PodSandboxStats> all) {
    return all.stream()
        .filter(stats -> stats.getAttributes().getId().equals(pod))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no stats of " + pod + " in " + all));
  }

  private static List<String> containerStats(Node node) {
    return node
        .client
        .runtime()
        .listContainerStats(ListContainerStatsRequest.getDefaultInstance())
        .getStatsList()
        .stream()
        .map(stats -> stats.getAttributes().getId())
        .toList();
  }

  @Test
  void containersOfAllRuntimesAreListed() {
    Node node = Node.create();
    String plain = node.start(node.runOnContainerd("a"), "main");
    String special = node.start(node.runOnVirtlet("b"), "main");

    assertThat(containerStats(node)).containsExactly(plain, special);
  }

  @Test
  void aLostSecondaryIsLeftOut() {
    Node node = Node.create();
    String plain = node.start(node.runOnContainerd("a"), "main");
    node.start(node.runOnVirtlet("b"), "main");
    node.virtlet.down();

    assertThat(containerStats(node)).containsExactly(plain);
    assertThat(podStats(node)).hasSize(1);
  }

  @Test
  void aLostPrimaryIsAnError() {
    Node node = Node.create();
    node.containerd.down();

    assertFails(() -> containerStats(node), Code.UNAVAILABLE, "containerd");
    assertFails(() -> podStats(node), Code.UNAVAILABLE, "containerd");
  }

  @Test
  void podStatsOfThePrimaryAreNotSynthesized() {
    Node node = Node.builder().containerd(StatsTest::withoutPodStats).build();

    assertFails(() -> podStats(node), Code.UNIMPLEMENTED);
  }

  @Test
  void podStatsOfASecondaryAreSynthesizedFromContainers() {
    Node node = Node.builder().virtlet(StatsTest::withoutPodStats).build();
    String pod = node.run(Pods.on(Node.VIRTLET, "a").putLabels("app", "db"));
    String one = node.start(pod, "one");
    String two = node.start(pod, "two");
    node.clock.advance(Duration.ofSeconds(10));

    PodSandboxStats stats = ofPod(pod, podStats(node));

    List<ContainerStats> containers = stats.getLinux().getContainersList();
    assertThat(containers)
        .extracting(container -> container.getAttributes().getId())
        .containsExactlyInAnyOrder(one, two);
    assertThat(stats.getAttributes().getMetadata().getName()).isEqualTo("a");
    assertThat(stats.getAttributes().getLabelsMap()).containsEntry("app", "db");
    assertThat(stats.getLinux().getCpu().getUsageCoreNanoSeconds().getValue())
        .isPositive()
        .isEqualTo(
            containers.stream()
                .mapToLong(container -> container.getCpu().getUsageCoreNanoSeconds().getValue())
                .sum());
    assertThat(stats.getLinux().getMemory().getWorkingSetBytes().getValue())
        .isPositive()
        .isEqualTo(
            containers.stream()
                .mapToLong(container -> container.getMemory().getWorkingSetBytes().getValue())
                .sum());
    assertThat(stats.getLinux().getMemory().hasRssBytes())
        .as("not reported by the runtime")
        .isFalse();
  }

  @Test
  void synthesizedPodStatsEqualThoseOfARuntime() {
    Node without = Node.builder().virtlet(StatsTest::withoutPodStats).build();
    Node with = Node.create();
    for (Node node : List.of(without, with)) {
      node.start(node.runOnVirtlet("a"), "main");
      node.runOnVirtlet("without-containers");
      node.clock.advance(Duration.ofSeconds(10));
    }

    List<PodSandboxStats> synthesized = podStats(without);
    List<PodSandboxStats> reported = podStats(with);
    assertThat(synthesized)
        .extracting(PodSandboxStats::getAttributes)
        .isEqualTo(reported.stream().map(PodSandboxStats::getAttributes).toList());
    assertThat(synthesized.get(0).getLinux().getCpu())
        .isEqualTo(reported.get(0).getLinux().getCpu());
    assertThat(synthesized.get(0).getLinux().getMemory())
        .isEqualTo(reported.get(0).getLinux().getMemory());
    assertThat(synthesized.get(0).getLinux().getContainersList())
        .isEqualTo(reported.get(0).getLinux().getContainersList());
  }

  @Test
  void synthesizedPodStatsHonourTheFilter() {
    Node node = Node.builder().virtlet(StatsTest::withoutPodStats).build();
    String labelled = node.run(Pods.on(Node.VIRTLET, "a").putLabels("app", "db"));
    String other = node.runOnVirtlet("b");
    String stopped = node.runOnVirtlet("c");
    var unused =
        node.client
            .runtime()
            .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(stopped).build());

    assertThat(podStats(node, PodSandboxStatsFilter.newBuilder().setId(other).build()))
        .extracting(stats -> stats.getAttributes().getId())
        .containsExactly(other);
    assertThat(
            podStats(
                node, PodSandboxStatsFilter.newBuilder().putLabelSelector("app", "db").build()))
        .extracting(stats -> stats.getAttributes().getId())
        .containsExactly(labelled);
    assertThat(podStats(node))
        .extracting(stats -> stats.getAttributes().getId())
        .containsExactly(labelled, other);
  }

  @Test
  void aSecondaryWithFailingListsIsLeftOut() {
    Node node = Node.builder().virtlet(StatsTest::withoutPodStats).build();
    String plain = node.runOnContainerd("a");
    node.runOnVirtlet("b");
    node.virtlet.failNext("ListContainerStats", RpcStatus.Code.UNKNOWN, "no cgroup");

    assertThat(podStats(node))
        .extracting(stats -> stats.getAttributes().getId())
        .containsExactly(plain);
  }

  @Test
  void streamedPodStatsAreSynthesized() {
    Node node = Node.builder().virtlet(StatsTest::withoutPodStats).build();
    String plain = node.runOnContainerd("a");
    String special = node.runOnVirtlet("b");

    List<PodSandboxStats> streamed = new ArrayList<>();
    node.client
        .runtime()
        .streamPodSandboxStats(StreamPodSandboxStatsRequest.getDefaultInstance())
        .forEachRemaining(part -> streamed.addAll(part.getPodSandboxStatsList()));

    assertThat(streamed)
        .extracting(stats -> stats.getAttributes().getId())
        .containsExactly(plain, special);
  }
}
