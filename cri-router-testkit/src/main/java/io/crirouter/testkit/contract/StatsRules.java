package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.proto.v1.ContainerStats;
import io.crirouter.proto.v1.ContainerStatsFilter;
import io.crirouter.proto.v1.ContainerStatsRequest;
import io.crirouter.proto.v1.ListContainerStatsRequest;
import io.crirouter.proto.v1.ListMetricDescriptorsRequest;
import io.crirouter.proto.v1.ListPodSandboxMetricsRequest;
import io.crirouter.proto.v1.ListPodSandboxStatsRequest;
import io.crirouter.proto.v1.MetricDescriptor;
import io.crirouter.proto.v1.PodSandboxMetrics;
import io.crirouter.proto.v1.PodSandboxStats;
import io.crirouter.proto.v1.PodSandboxStatsFilter;
import io.crirouter.proto.v1.PodSandboxStatsRequest;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Stats and metrics of pods and containers. */
final class StatsRules {

  private StatsRules() {}

  static List<Rule> all() {
    Rule.Area area = new Rule.Area();
    area.add(
        "ContainerStats has the CPU time and memory of a container",
        StatsRules::container,
        Feature.CONTAINER_STATS);
    area.add(
        "ContainerStats of an unknown container is NOT_FOUND",
        StatsRules::unknown,
        Feature.CONTAINER_STATS);
    area.add(
        "ListContainerStats has each running container once",
        StatsRules::containers,
        Feature.CONTAINER_STATS);
    area.add(
        "ListContainerStats honours its filter", StatsRules::filtered, Feature.CONTAINER_STATS);
    area.add("PodSandboxStats has the stats of a pod", StatsRules::pod, Feature.POD_STATS);
    area.add(
        "PodSandboxStats of an unknown sandbox is NOT_FOUND",
        StatsRules::unknownPod,
        Feature.POD_STATS);
    area.add("ListPodSandboxStats honours its filter", StatsRules::pods, Feature.POD_STATS);
    area.add("each metric of a pod has a descriptor", StatsRules::metrics, Feature.METRICS);
    return area.rules();
  }

  private static ContainerStats stats(RuleCalls calls, String id) {
    return calls
        .runtime()
        .containerStats(ContainerStatsRequest.newBuilder().setContainerId(id).build())
        .getStats();
  }

  /** Some runtimes sample CPU time, so their first response may have none. */
  private static void container(RuleCalls calls) throws Exception {
    SharedPod pod = calls.shared();
    calls.eventually(
        () -> {
          ContainerStats stats = stats(calls, pod.container());
          assertEquals(pod.container(), stats.getAttributes().getId());
          assertEquals(pod.containerConfig().getMetadata(), stats.getAttributes().getMetadata());
          assertTrue(stats.getCpu().getUsageCoreNanoSeconds().getValue() > 0, "no CPU time");
          assertTrue(stats.getCpu().getTimestamp() > 0, "no timestamp");
          assertTrue(stats.getMemory().getWorkingSetBytes().getValue() > 0, "no memory");
        });
  }

  private static void unknown(RuleCalls calls) {
    Expect.notFound("an unknown container", () -> stats(calls, RuleCalls.UNKNOWN_ID));
  }

  private static List<String> containers(RuleCalls calls, ContainerStatsFilter.Builder filter) {
    return calls
        .runtime()
        .listContainerStats(ListContainerStatsRequest.newBuilder().setFilter(filter).build())
        .getStatsList()
        .stream()
        .map(one -> one.getAttributes().getId())
        .toList();
  }

  private static void containers(RuleCalls calls) {
    List<String> all = containers(calls, ContainerStatsFilter.newBuilder());
    assertTrue(all.contains(calls.shared().container()), () -> "not among " + all);
    assertEquals(all.stream().distinct().toList(), all, "a container is listed twice");
  }

  private static void filtered(RuleCalls calls) {
    SharedPod pod = calls.shared();
    List<String> only = List.of(pod.container());
    assertEquals(only, containers(calls, filter().setId(pod.container())));
    assertEquals(only, containers(calls, filter().setPodSandboxId(pod.id())));
    assertEquals(
        List.of(),
        containers(calls, filter().setId(pod.container()).putLabelSelector("none", "such")));
    assertEquals(List.of(), containers(calls, filter().setId(RuleCalls.UNKNOWN_ID)));
  }

  private static ContainerStatsFilter.Builder filter() {
    return ContainerStatsFilter.newBuilder();
  }

  private static PodSandboxStats podStats(RuleCalls calls, String id) {
    return calls
        .runtime()
        .podSandboxStats(PodSandboxStatsRequest.newBuilder().setPodSandboxId(id).build())
        .getStats();
  }

  private static void pod(RuleCalls calls) throws Exception {
    SharedPod pod = calls.shared();
    calls.eventually(
        () -> {
          PodSandboxStats stats = podStats(calls, pod.id());
          assertEquals(pod.id(), stats.getAttributes().getId());
          assertEquals(pod.config().getMetadata(), stats.getAttributes().getMetadata());
          assertTrue(stats.getLinux().getMemory().getWorkingSetBytes().getValue() > 0, "no memory");
          assertEquals(
              List.of(pod.container()),
              stats.getLinux().getContainersList().stream()
                  .map(one -> one.getAttributes().getId())
                  .toList());
        });
  }

  private static void unknownPod(RuleCalls calls) {
    Expect.notFound("an unknown sandbox", () -> podStats(calls, RuleCalls.UNKNOWN_ID));
  }

  private static List<String> pods(RuleCalls calls, PodSandboxStatsFilter.Builder filter) {
    return calls
        .runtime()
        .listPodSandboxStats(ListPodSandboxStatsRequest.newBuilder().setFilter(filter).build())
        .getStatsList()
        .stream()
        .map(one -> one.getAttributes().getId())
        .toList();
  }

  private static void pods(RuleCalls calls) {
    String id = calls.shared().id();
    List<String> all = pods(calls, PodSandboxStatsFilter.newBuilder());
    assertTrue(all.contains(id), () -> id + " is not among " + all);
    assertEquals(all.stream().distinct().toList(), all, "a pod is listed twice");
    assertEquals(List.of(id), pods(calls, PodSandboxStatsFilter.newBuilder().setId(id)));
    assertEquals(
        List.of(), pods(calls, PodSandboxStatsFilter.newBuilder().setId(RuleCalls.UNKNOWN_ID)));
  }

  private static void metrics(RuleCalls calls) throws Exception {
    Set<String> described =
        calls
            .runtime()
            .listMetricDescriptors(ListMetricDescriptorsRequest.getDefaultInstance())
            .getDescriptorsList()
            .stream()
            .map(MetricDescriptor::getName)
            .collect(Collectors.toSet());
    assertFalse(described.isEmpty(), "no metric descriptors");
    String id = calls.shared().id();
    calls.eventually(() -> assertDescribed(metricsOf(calls, id), described));
  }

  private static PodSandboxMetrics metricsOf(RuleCalls calls, String pod) {
    return calls
        .runtime()
        .listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
        .getPodMetricsList()
        .stream()
        .filter(one -> one.getPodSandboxId().equals(pod))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no metrics of sandbox " + pod));
  }

  private static void assertDescribed(PodSandboxMetrics metrics, Set<String> described) {
    List<String> names =
        Stream.concat(
                metrics.getMetricsList().stream(),
                metrics.getContainerMetricsList().stream()
                    .flatMap(one -> one.getMetricsList().stream()))
            .map(metric -> metric.getName())
            .toList();
    assertFalse(names.isEmpty(), "no metric");
    assertTrue(
        described.containsAll(names),
        () -> "metrics " + names + " without a descriptor in " + described);
  }
}
