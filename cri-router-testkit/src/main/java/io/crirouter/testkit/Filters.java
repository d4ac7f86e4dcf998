package io.crirouter.testkit;

import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerStatsFilter;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxStatsFilter;
import java.util.Map;
import java.util.function.Predicate;

/** Predicates of list filters. Ids may be shortened; an empty id matches all. */
final class Filters {
  private Filters() {}

  static Predicate<PodSandbox> of(PodSandboxFilter filter, FakeState state) {
    String id = state.podIdInFilter(filter.getId());
    return pod ->
        same(id, pod.getId())
            && (!filter.hasState() || filter.getState().getState() == pod.getState())
            && has(pod.getLabelsMap(), filter.getLabelSelectorMap());
  }

  static Predicate<Container> of(ContainerFilter filter, FakeState state) {
    String id = state.containerIdInFilter(filter.getId());
    String podId = state.podIdInFilter(filter.getPodSandboxId());
    return container ->
        same(id, container.getId())
            && same(podId, container.getPodSandboxId())
            && (!filter.hasState() || filter.getState().getState() == container.getState())
            && has(container.getLabelsMap(), filter.getLabelSelectorMap());
  }

  static Predicate<FakeContainer> of(ContainerStatsFilter filter, FakeState state) {
    String id = state.containerIdInFilter(filter.getId());
    String podId = state.podIdInFilter(filter.getPodSandboxId());
    return container ->
        same(id, container.id)
            && same(podId, container.podId)
            && has(container.config.getLabelsMap(), filter.getLabelSelectorMap());
  }

  static Predicate<FakePod> of(PodSandboxStatsFilter filter, FakeState state) {
    String id = state.podIdInFilter(filter.getId());
    return pod ->
        same(id, pod.id) && has(pod.config().getLabelsMap(), filter.getLabelSelectorMap());
  }

  private static boolean same(String wanted, String actual) {
    return wanted.isEmpty() || wanted.equals(actual);
  }

  private static boolean has(Map<String, String> labels, Map<String, String> selector) {
    return labels.entrySet().containsAll(selector.entrySet());
  }
}
