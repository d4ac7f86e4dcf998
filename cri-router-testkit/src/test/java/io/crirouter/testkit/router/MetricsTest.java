package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.FailureAssertions.assertFails;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.ContainerMetrics;
import io.crirouter.proto.v1.ListMetricDescriptorsRequest;
import io.crirouter.proto.v1.ListPodSandboxMetricsRequest;
import io.crirouter.proto.v1.Metric;
import io.crirouter.proto.v1.MetricDescriptor;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetrics;
import io.crirouter.proto.v1.StreamPodSandboxMetricsRequest;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The merge of the pod metrics of all runtimes. */
class MetricsTest {
  private static final String CPU = "container_cpu_usage_seconds_total";

  private static Map<String, MetricDescriptor> descriptors(Node node) {
    return node
        .client
        .runtime()
        .listMetricDescriptors(ListMetricDescriptorsRequest.getDefaultInstance())
        .getDescriptorsList()
        .stream()
        .collect(toMap(MetricDescriptor::getName, descriptor -> descriptor));
  }

  private static List<PodSandboxMetrics> metrics(Node node) {
    return node.client
        .runtime()
        .listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
        .getPodMetricsList();
  }

  /** The labels of the CPU time of a container, with the keys of the descriptors. */
  private static Map<String, String> cpuLabels(Node node, String container) {
    List<String> keys = descriptors(node).get(CPU).getLabelKeysList();
    Metric cpu =
        metrics(node).stream()
            .flatMap(pod -> pod.getContainerMetricsList().stream())
            .filter(metrics -> metrics.getContainerId().equals(container))
            .flatMap(metrics -> metrics.getMetricsList().stream())
            .filter(metric -> metric.getName().equals(CPU))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no CPU time of " + container));
    assertThat(cpu.getLabelValuesList()).as("a value for each key").hasSameSizeAs(keys);
    Map<String, String> labels = new HashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      labels.put(keys.get(i), cpu.getLabelValues(i));
    }
    return labels;
  }

  @Test
  void aSharedMetricIsDescribedOnceWithTheLabelsOfThePrimary() {
    Node node =
        Node.builder()
            .containerd(fake -> fake.metricLabelKeys("id", "pod", "name"))
            .virtlet(fake -> fake.metricLabelKeys("name", "id", "pod"))
            .build();

    assertThat(descriptors(node)).hasSize(3).containsKey(CPU);
    assertThat(descriptors(node).get(CPU).getLabelKeysList()).containsExactly("id", "pod", "name");
  }

  @Test
  void labelValuesAreInTheDescribedOrder() {
    Node node =
        Node.builder()
            .containerd(fake -> fake.metricLabelKeys("id", "pod", "name"))
            .virtlet(fake -> fake.metricLabelKeys("name", "id", "pod"))
            .build();
    String plain = node.start(node.runOnContainerd("a"), "one");
    String special = node.start(node.runOnVirtlet("b"), "two");

    assertThat(cpuLabels(node, plain)).isEqualTo(Map.of("id", plain, "pod", "a", "name", "one"));
    assertThat(cpuLabels(node, special))
        .isEqualTo(Map.of("id", special, "pod", "b", "name", "two"));
  }

  @Test
  void missingLabelsAreEmpty() {
    Node node =
        Node.builder()
            .containerd(fake -> fake.metricLabelKeys("id", "namespace", "pod"))
            .virtlet(fake -> fake.metricLabelKeys("pod", "id"))
            .build();
    String special = node.start(node.runOnVirtlet("b"), "main");

    assertThat(cpuLabels(node, special))
        .isEqualTo(Map.of("id", special, "namespace", "", "pod", "b"));
  }

  @Test
  void seriesWithUndescribedLabelsAreLeftOut() {
    Node node =
        Node.builder()
            .containerd(fake -> fake.metricLabelKeys("id", "pod"))
            .virtlet(fake -> fake.metricLabelKeys("id", "name"))
            .build();
    String plain = node.start(node.runOnContainerd("a"), "main");
    node.start(node.runOnVirtlet("b"), "main");

    assertThat(cpuLabels(node, plain)).isEqualTo(Map.of("id", plain, "pod", "a"));
    assertThat(metrics(node).get(1).getContainerMetrics(0).getMetricsList())
        .as("its name would be taken for a pod's")
        .isEmpty();
  }

  @Test
  void idsAreThoseForClients() {
    Node node = Node.create();
    String pod = node.runOnVirtlet("a");
    String container = node.start(pod, "main");

    PodSandboxMetrics metrics = metrics(node).get(0);
    int id = descriptors(node).get(CPU).getLabelKeysList().indexOf("id");

    assertThat(metrics.getPodSandboxId()).isEqualTo(pod);
    assertThat(metrics.getMetricsList())
        .isNotEmpty()
        .allSatisfy(metric -> assertThat(metric.getLabelValues(id)).isEqualTo(pod));
    assertThat(metrics.getContainerMetricsList())
        .extracting(ContainerMetrics::getContainerId)
        .containsExactly(container);
    assertThat(metrics.getContainerMetrics(0).getMetricsList())
        .isNotEmpty()
        .allSatisfy(metric -> assertThat(metric.getLabelValues(id)).isEqualTo(container));
  }

  @Test
  void pathsInTheIdLabelAreUnchanged() {
    Node node = Node.builder().virtlet(fake -> fake.metricIdLabel(id -> "/kubepods/" + id)).build();
    String container = node.start(node.runOnVirtlet("a"), "main");

    assertThat(cpuLabels(node, container))
        .containsEntry("id", "/kubepods/" + node.virtlet.containers().get(0).getId());
  }

  @Test
  void seriesAreUnique() {
    Node node =
        Node.builder()
            .containerd(fake -> fake.metricLabelKeys("pod"))
            .virtlet(fake -> fake.metricLabelKeys("pod"))
            .build();
    String first = node.runOnContainerd("same");
    node.start(first, "one");
    node.start(first, "two");
    PodSandboxConfig.Builder namesake = Pods.on(Node.VIRTLET, "same");
    namesake.getMetadataBuilder().setUid("another-uid");
    node.start(node.run(namesake), "one");

    List<String> series = new ArrayList<>();
    for (PodSandboxMetrics pod : metrics(node)) {
      pod.getMetricsList().forEach(metric -> series.add(series(metric)));
      pod.getContainerMetricsList().stream()
          .flatMap(container -> container.getMetricsList().stream())
          .forEach(metric -> series.add(series(metric)));
    }

    assertThat(series).hasSize(3).doesNotHaveDuplicates();
  }

  private static String series(Metric metric) {
    return metric.getName() + metric.getLabelValuesList();
  }

  @Test
  void labelsOfALateRuntimeAreKnownFromItsFirstMetrics() {
    Node node =
        Node.builder()
            .virtlet(fake -> fake.metricLabelKeys("pod", "id", "name", "image", "namespace"))
            .virtletStartsLate()
            .build();
    node.virtlet.up();
    String container = node.start(node.runOnVirtlet("a"), "main");

    int id = List.of("id", "name", "image", "namespace", "pod").indexOf("id");
    assertThat(metrics(node).get(0).getContainerMetrics(0).getMetricsList())
        .as("descriptors were not requested")
        .allSatisfy(metric -> assertThat(metric.getLabelValues(id)).isEqualTo(container));
  }

  @Test
  void aStreamIsTheSame() {
    Node node =
        Node.builder()
            .virtlet(fake -> fake.metricLabelKeys("pod", "id", "name", "image", "namespace"))
            .build();
    node.start(node.runOnContainerd("a"), "main");
    node.start(node.runOnVirtlet("b"), "main");

    List<PodSandboxMetrics> streamed = new ArrayList<>();
    node.client
        .runtime()
        .streamPodSandboxMetrics(StreamPodSandboxMetricsRequest.getDefaultInstance())
        .forEachRemaining(part -> streamed.addAll(part.getPodSandboxMetricsList()));

    assertThat(streamed).hasSize(2).isEqualTo(metrics(node));
  }

  @Test
  void aLostSecondaryIsLeftOutAndALostPrimaryIsAnError() {
    Node node = Node.create();
    String plain = node.runOnContainerd("a");
    node.runOnVirtlet("b");
    node.virtlet.down();

    assertThat(metrics(node)).extracting(PodSandboxMetrics::getPodSandboxId).containsExactly(plain);
    assertThat(descriptors(node)).hasSize(3);

    node.containerd.failAlways(
        "ListPodSandboxMetrics", RpcStatus.of(RpcStatus.Code.UNIMPLEMENTED, "too old"));
    assertFails(() -> metrics(node), Code.UNIMPLEMENTED, "too old");
  }

  @Test
  void aSecondaryWithoutMetricsIsLeftOut() {
    Node node =
        Node.builder()
            .virtlet(fake -> fake.without("ListMetricDescriptors", "ListPodSandboxMetrics"))
            .build();
    String plain = node.runOnContainerd("a");
    node.runOnVirtlet("b");

    assertThat(descriptors(node)).hasSize(3);
    assertThat(metrics(node)).extracting(PodSandboxMetrics::getPodSandboxId).containsExactly(plain);
  }
}
