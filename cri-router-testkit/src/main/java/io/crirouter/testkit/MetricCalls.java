package io.crirouter.testkit;

import io.crirouter.core.Rpc;
import io.crirouter.proto.v1.ContainerMetrics;
import io.crirouter.proto.v1.ListMetricDescriptorsResponse;
import io.crirouter.proto.v1.ListPodSandboxMetricsResponse;
import io.crirouter.proto.v1.Metric;
import io.crirouter.proto.v1.MetricDescriptor;
import io.crirouter.proto.v1.MetricType;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxMetrics;
import io.crirouter.proto.v1.StreamPodSandboxMetricsResponse;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The metrics rpcs: CPU and memory of running containers, received bytes of each sandbox. */
final class MetricCalls {
  private static final String CPU = "container_cpu_usage_seconds_total";
  private static final String MEMORY = "container_memory_working_set_bytes";
  private static final String NETWORK = "container_network_receive_bytes_total";
  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final FakeState state;
  private final List<String> labelKeys;
  private final UnaryOperator<String> idLabel;

  MetricCalls(FakeState state, List<String> labelKeys, UnaryOperator<String> idLabel) {
    this.state = state;
    this.labelKeys = labelKeys;
    this.idLabel = idLabel;
  }

  void register(Rpcs rpcs) {
    rpcs.unary(Rpc.LIST_METRIC_DESCRIPTORS, request -> descriptors());
    rpcs.unary(
        Rpc.LIST_POD_SANDBOX_METRICS,
        request -> ListPodSandboxMetricsResponse.newBuilder().addAllPodMetrics(list()).build());
    rpcs.chunks(
        Rpc.STREAM_POD_SANDBOX_METRICS,
        request -> list(),
        chunk ->
            StreamPodSandboxMetricsResponse.newBuilder().addAllPodSandboxMetrics(chunk).build());
  }

  private ListMetricDescriptorsResponse descriptors() {
    return ListMetricDescriptorsResponse.newBuilder()
        .addDescriptors(descriptor(CPU, "CPU time in seconds"))
        .addDescriptors(descriptor(MEMORY, "Memory in use in bytes"))
        .addDescriptors(descriptor(NETWORK, "Bytes received"))
        .build();
  }

  private MetricDescriptor descriptor(String name, String help) {
    return MetricDescriptor.newBuilder()
        .setName(name)
        .setHelp(help)
        .addAllLabelKeys(labelKeys)
        .build();
  }

  private List<PodSandboxMetrics> list() {
    long now = state.now();
    return state.pods().stream().filter(FakePod::isReady).map(pod -> metrics(pod, now)).toList();
  }

  private PodSandboxMetrics metrics(FakePod pod, long now) {
    PodSandboxMetrics.Builder metrics =
        PodSandboxMetrics.newBuilder()
            .setPodSandboxId(pod.id)
            .addMetrics(
                metric(
                    NETWORK,
                    MetricType.COUNTER,
                    labels(pod, pod.id, "POD", ""),
                    StatsCalls.RECEIVED_BYTES));
    state.containersOf(pod).stream()
        .filter(FakeContainer::isRunning)
        .forEach(container -> metrics.addContainerMetrics(metrics(pod, container, now)));
    return metrics.build();
  }

  private ContainerMetrics metrics(FakePod pod, FakeContainer container, long now) {
    String name = container.config.getMetadata().getName();
    Map<String, String> labels = labels(pod, container.id, name, container.imageId);
    long seconds = StatsCalls.cpuNanos(container, now) / NANOS_PER_SECOND;
    return ContainerMetrics.newBuilder()
        .setContainerId(container.id)
        .addMetrics(metric(CPU, MetricType.COUNTER, labels, seconds))
        .addMetrics(metric(MEMORY, MetricType.GAUGE, labels, StatsCalls.MEMORY_BYTES))
        .build();
  }

  private Map<String, String> labels(FakePod pod, String id, String name, String image) {
    PodSandboxMetadata metadata = pod.config().getMetadata();
    return Map.of(
        "id", idLabel.apply(id),
        "name", name,
        "image", image,
        "pod", metadata.getName(),
        "namespace", metadata.getNamespace());
  }

  private Metric metric(String name, MetricType type, Map<String, String> labels, long value) {
    return Metric.newBuilder()
        .setName(name)
        .setMetricType(type)
        .addAllLabelValues(labelKeys.stream().map(key -> labels.getOrDefault(key, "")).toList())
        .setValue(StatsCalls.number(value))
        .build();
  }
}
