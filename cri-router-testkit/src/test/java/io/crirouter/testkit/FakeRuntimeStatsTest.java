package io.crirouter.testkit;

import static io.crirouter.testkit.GrpcAssertions.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crirouter.proto.v1.ContainerStats;
import io.crirouter.proto.v1.ContainerStatsFilter;
import io.crirouter.proto.v1.ContainerStatsRequest;
import io.crirouter.proto.v1.ListContainerStatsRequest;
import io.crirouter.proto.v1.ListMetricDescriptorsRequest;
import io.crirouter.proto.v1.ListPodSandboxMetricsRequest;
import io.crirouter.proto.v1.ListPodSandboxStatsRequest;
import io.crirouter.proto.v1.Metric;
import io.crirouter.proto.v1.MetricDescriptor;
import io.crirouter.proto.v1.PodSandboxMetrics;
import io.crirouter.proto.v1.PodSandboxStats;
import io.crirouter.proto.v1.PodSandboxStatsFilter;
import io.crirouter.proto.v1.PodSandboxStatsRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StreamContainerStatsRequest;
import io.crirouter.proto.v1.StreamPodSandboxMetricsRequest;
import io.crirouter.proto.v1.StreamPodSandboxStatsRequest;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FakeRuntimeStatsTest {
  private final ManualScheduler time = new ManualScheduler();
  private final FakeRuntime runtime =
      FakeRuntime.named("containerd").scheduler(time).images("busybox").build();
  private final CriClient client = CriClient.of(runtime);
  private String pod = "";
  private String app = "";
  private String created = "";

  @BeforeEach
  void runPod() {
    pod = Requests.runPod(client, "web");
    app = Requests.startNew(client, pod, "app");
    created = Requests.create(client, pod, "later");
  }

  @Test
  void cpuTimeGrowsWhileAContainerRuns() {
    ContainerStats before = stats(app);
    time.advance(Duration.ofSeconds(10));
    ContainerStats after = stats(app);

    assertThat(after.getAttributes().getId()).isEqualTo(app);
    assertThat(after.getAttributes().getMetadata().getName()).isEqualTo("app");
    assertThat(after.getAttributes().getLabelsMap()).containsEntry("container", "app");
    assertThat(cpu(after) - cpu(before))
        .as("a tenth of a core for 10 s")
        .isCloseTo(1_000_000_000L, within(100L));
    assertThat(after.getWritableLayer().getFsId().getMountpoint()).isEqualTo("/var/lib/containerd");
  }

  @Test
  void onlyRunningContainersHaveStats() {
    assertThat(list(ContainerStatsFilter.getDefaultInstance()))
        .extracting(stats -> stats.getAttributes().getId())
        .containsExactly(app);
    assertFails(() -> stats(created), Code.UNKNOWN, "CONTAINER_CREATED");
    assertFails(() -> stats("gone"), Code.NOT_FOUND, "gone");

    runtime.killPod(pod);
    assertThat(pods(PodSandboxStatsFilter.getDefaultInstance())).isEmpty();
    assertFails(
        () ->
            client
                .runtime()
                .podSandboxStats(PodSandboxStatsRequest.newBuilder().setPodSandboxId(pod).build()),
        Code.UNKNOWN,
        pod);
  }

  @Test
  void containerStatsAreFiltered() {
    Requests.start(client, created);
    String other = Requests.startNew(client, Requests.runPod(client, "other"), "app");

    assertThat(ids(ContainerStatsFilter.newBuilder().setId(app.substring(0, 13))))
        .containsExactly(app);
    assertThat(ids(ContainerStatsFilter.newBuilder().setPodSandboxId(pod)))
        .containsExactly(app, created);
    assertThat(ids(ContainerStatsFilter.newBuilder().putLabelSelector("container", "app")))
        .containsExactly(app, other);
    assertThat(
            client.stream(
                    RuntimeServiceGrpc.getStreamContainerStatsMethod(),
                    StreamContainerStatsRequest.getDefaultInstance())
                .rest())
        .flatExtracting(chunk -> chunk.getContainerStatsList())
        .extracting(stats -> stats.getAttributes().getId())
        .containsExactly(app, created, other);
  }

  @Test
  void podStatsAreSumsOfContainersAndAreFiltered() {
    Requests.start(client, created);
    String other = Requests.runPod(client, "other");

    PodSandboxStats stats =
        client
            .runtime()
            .podSandboxStats(PodSandboxStatsRequest.newBuilder().setPodSandboxId(pod).build())
            .getStats();
    assertThat(stats.getLinux().getContainersList())
        .extracting(container -> container.getAttributes().getId())
        .containsExactly(app, created);
    assertThat(stats.getLinux().getCpu().getUsageCoreNanoSeconds().getValue())
        .isEqualTo(
            stats.getLinux().getContainersList().stream()
                .mapToLong(FakeRuntimeStatsTest::cpu)
                .sum());
    assertThat(stats.getAttributes().getMetadata().getName()).isEqualTo("web");

    assertThat(podIds(PodSandboxStatsFilter.newBuilder())).containsExactly(pod, other);
    assertThat(podIds(PodSandboxStatsFilter.newBuilder().setId(other.substring(0, 13))))
        .containsExactly(other);
    assertThat(podIds(PodSandboxStatsFilter.newBuilder().putLabelSelector("app", "web")))
        .containsExactly(pod);
    assertThat(
            client.stream(
                    RuntimeServiceGrpc.getStreamPodSandboxStatsMethod(),
                    StreamPodSandboxStatsRequest.getDefaultInstance())
                .rest())
        .flatExtracting(chunk -> chunk.getPodSandboxStatsList())
        .extracting(item -> item.getAttributes().getId())
        .containsExactly(pod, other);
  }

  @Test
  void everyMetricHasADescriptorAndAValueForEachOfItsLabels() {
    List<MetricDescriptor> descriptors = descriptors(client);
    PodSandboxMetrics metrics = metrics(client).get(0);

    assertThat(metrics.getPodSandboxId()).isEqualTo(pod);
    assertThat(label(descriptors, metrics.getMetrics(0), "id")).isEqualTo(pod);
    assertThat(metrics.getContainerMetricsList())
        .as("only what runs")
        .singleElement()
        .satisfies(
            container -> {
              assertThat(container.getContainerId()).isEqualTo(app);
              for (Metric metric : container.getMetricsList()) {
                assertThat(label(descriptors, metric, "id")).isEqualTo(app);
                assertThat(label(descriptors, metric, "name")).isEqualTo("app");
                assertThat(label(descriptors, metric, "pod")).isEqualTo("web");
              }
            });
    assertThat(
            client.stream(
                    RuntimeServiceGrpc.getStreamPodSandboxMetricsMethod(),
                    StreamPodSandboxMetricsRequest.getDefaultInstance())
                .rest())
        .flatExtracting(chunk -> chunk.getPodSandboxMetricsList())
        .extracting(PodSandboxMetrics::getPodSandboxId)
        .containsExactly(pod);
  }

  @Test
  void labelKeysAndTheIdLabelAreConfigurable() {
    CriClient other =
        CriClient.of(
            FakeRuntime.named("crio")
                .metricLabelKeys("pod", "id", "interface")
                .metricIdLabel(id -> "/kubepods/" + id)
                .build());
    String otherPod = Requests.runPod(other, "web");

    assertThat(descriptors(other))
        .allSatisfy(
            descriptor ->
                assertThat(descriptor.getLabelKeysList())
                    .containsExactly("pod", "id", "interface"));
    assertThat(metrics(other).get(0).getMetrics(0).getLabelValuesList())
        .containsExactly("web", "/kubepods/" + otherPod, "");
  }

  private static String label(List<MetricDescriptor> descriptors, Metric metric, String key) {
    MetricDescriptor descriptor =
        descriptors.stream().filter(d -> d.getName().equals(metric.getName())).findFirst().get();
    assertThat(metric.getLabelValuesCount()).isEqualTo(descriptor.getLabelKeysCount());
    return metric.getLabelValues(descriptor.getLabelKeysList().indexOf(key));
  }

  private static List<MetricDescriptor> descriptors(CriClient client) {
    return client
        .runtime()
        .listMetricDescriptors(ListMetricDescriptorsRequest.getDefaultInstance())
        .getDescriptorsList();
  }

  private static List<PodSandboxMetrics> metrics(CriClient client) {
    return client
        .runtime()
        .listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
        .getPodMetricsList();
  }

  private static long cpu(ContainerStats stats) {
    return stats.getCpu().getUsageCoreNanoSeconds().getValue();
  }

  private ContainerStats stats(String id) {
    return client
        .runtime()
        .containerStats(ContainerStatsRequest.newBuilder().setContainerId(id).build())
        .getStats();
  }

  private List<ContainerStats> list(ContainerStatsFilter filter) {
    return client
        .runtime()
        .listContainerStats(ListContainerStatsRequest.newBuilder().setFilter(filter).build())
        .getStatsList();
  }

  private List<String> ids(ContainerStatsFilter.Builder filter) {
    return list(filter.build()).stream().map(stats -> stats.getAttributes().getId()).toList();
  }

  private List<PodSandboxStats> pods(PodSandboxStatsFilter filter) {
    return client
        .runtime()
        .listPodSandboxStats(ListPodSandboxStatsRequest.newBuilder().setFilter(filter).build())
        .getStatsList();
  }

  private List<String> podIds(PodSandboxStatsFilter.Builder filter) {
    return pods(filter.build()).stream().map(stats -> stats.getAttributes().getId()).toList();
  }
}
