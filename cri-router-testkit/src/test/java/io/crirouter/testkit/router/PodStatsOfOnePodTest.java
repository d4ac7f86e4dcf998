package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.IdStrategy;
import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.ContainerStats;
import io.crirouter.proto.v1.ListPodSandboxStatsRequest;
import io.crirouter.proto.v1.PodSandboxStats;
import io.crirouter.proto.v1.PodSandboxStatsRequest;
import io.crirouter.testkit.FakeRuntimeBuilder;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * PodSandboxStats of a secondary without pod stats is synthesized from container stats, like the
 * list.
 */
class PodStatsOfOnePodTest {
  private static FakeRuntimeBuilder withoutPodStats(FakeRuntimeBuilder fake) {
    return fake.without("PodSandboxStats", "ListPodSandboxStats", "StreamPodSandboxStats");
  }

  static Stream<IdStrategy> strategies() {
    return Stream.of(IdStrategy.prefixed(), IdStrategy.nativeIds());
  }

  private static Node lackingPodStats(IdStrategy ids) {
    return Node.builder()
        .virtlet(PodStatsOfOnePodTest::withoutPodStats)
        .configure(builder -> builder.ids(ids))
        .build();
  }

  private static PodSandboxStats stats(Node node, String pod) {
    return node.client
        .runtime()
        .podSandboxStats(PodSandboxStatsRequest.newBuilder().setPodSandboxId(pod).build())
        .getStats();
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void podStatsMatchTheList(IdStrategy ids) {
    Node node = lackingPodStats(ids);
    String pod = node.run(Pods.on(VIRTLET, "a").putLabels("app", "db"));
    String one = node.start(pod, "one");
    String two = node.start(pod, "two");
    node.start(node.runOnVirtlet("other"), "main");
    node.clock.advance(Duration.ofSeconds(10));

    PodSandboxStats stats = stats(node, pod);

    assertThat(stats.getAttributes().getId()).isEqualTo(pod);
    assertThat(stats.getAttributes().getMetadata().getName()).isEqualTo("a");
    assertThat(stats.getAttributes().getLabelsMap()).containsEntry("app", "db");
    assertThat(stats.getLinux().getContainersList())
        .extracting(container -> container.getAttributes().getId())
        .containsExactlyInAnyOrder(one, two);
    ListPodSandboxStatsRequest.Builder list = ListPodSandboxStatsRequest.newBuilder();
    list.getFilterBuilder().setId(pod);
    PodSandboxStats listed = node.client.runtime().listPodSandboxStats(list.build()).getStats(0);
    assertThat(stats.getAttributes()).isEqualTo(listed.getAttributes());
    assertThat(stats.getLinux().getContainersList())
        .extracting(ContainerStats::getAttributes)
        .isEqualTo(
            listed.getLinux().getContainersList().stream()
                .map(ContainerStats::getAttributes)
                .toList());
  }

  @ParameterizedTest
  @MethodSource("strategies")
  void aPodWithoutContainersHasStats(IdStrategy ids) {
    Node node = lackingPodStats(ids);
    String pod = node.runOnVirtlet("a");

    PodSandboxStats stats = stats(node, pod);

    assertThat(stats.getAttributes().getId()).isEqualTo(pod);
    assertThat(stats.getLinux().getContainersList()).isEmpty();
  }

  @Test
  void podStatsOfASecondaryAreUsedIfAvailable() {
    Node node = Node.create();
    String pod = node.runOnVirtlet("a");
    node.virtlet.journal().clear();

    assertThat(stats(node, pod).getAttributes().getId()).isEqualTo(pod);

    assertThat(node.virtlet.journal().callsOf("PodSandboxStats")).hasSize(1);
    assertThat(node.virtlet.journal().callsOf("ListContainerStats")).isEmpty();
  }

  @Test
  void podStatsOfThePrimaryAreNotSynthesized() {
    Node node = Node.builder().containerd(PodStatsOfOnePodTest::withoutPodStats).build();
    String pod = node.runOnContainerd("a");

    assertFails(() -> stats(node, pod), Code.UNIMPLEMENTED);
  }

  @Test
  void otherFailuresAreTheResponse() {
    Node node = Node.create();
    String pod = node.runOnVirtlet("a");
    node.virtlet.failNext("PodSandboxStats", RpcStatus.Code.NOT_FOUND, "no such sandbox");

    assertFails(() -> stats(node, pod), Code.NOT_FOUND, "no such sandbox");
  }

  @Test
  void aFailureOfContainerStatsIsTheResponse() {
    Node node = lackingPodStats(IdStrategy.prefixed());
    String pod = node.runOnVirtlet("a");
    node.start(pod, "main");
    node.virtlet.failNext("ListContainerStats", RpcStatus.Code.UNKNOWN, "no cgroup");

    assertFails(() -> stats(node, pod), Code.UNKNOWN, "no cgroup");
  }
}
