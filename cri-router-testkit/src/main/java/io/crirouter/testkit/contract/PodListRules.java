package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStateValue;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** ListPodSandbox and its filters. */
final class PodListRules {
  private static final PodSandboxStateValue READY = state(PodSandboxState.SANDBOX_READY);
  private static final PodSandboxStateValue NOT_READY = state(PodSandboxState.SANDBOX_NOTREADY);

  private PodListRules() {}

  private static PodSandboxStateValue state(PodSandboxState state) {
    return PodSandboxStateValue.newBuilder().setState(state).build();
  }

  static List<Rule> all() {
    Rule.Area area = new Rule.Area();
    area.add("a sandbox is listed once, with what it was given", PodListRules::entry);
    area.add("an empty filter means all", PodListRules::everything);
    area.add("the id in a filter", PodListRules::byId);
    area.add("the state in a filter", PodListRules::byState);
    area.add("labels in a filter: all must be equal", PodListRules::byLabels);
    area.add("a filter that contradicts itself finds nothing", PodListRules::contradiction);
    area.add("a shortened id in a filter", PodListRules::byShortId, Feature.SHORT_IDS);
    return area.rules();
  }

  private static PodSandboxFilter.Builder filter() {
    return PodSandboxFilter.newBuilder();
  }

  private static Set<String> ids(List<PodSandbox> pods) {
    return pods.stream().map(PodSandbox::getId).collect(Collectors.toSet());
  }

  private static void entry(RuleCalls calls) {
    SharedPod pod = calls.shared();
    List<PodSandbox> entries =
        calls.pods(filter()).stream().filter(one -> one.getId().equals(pod.id())).toList();
    assertEquals(1, entries.size(), "entries of one sandbox in the list of all");
    PodSandbox entry = entries.get(0);
    assertEquals(pod.config().getMetadata(), entry.getMetadata());
    assertEquals(PodSandboxState.SANDBOX_READY, entry.getState());
    assertEquals(pod.config().getLabelsMap(), entry.getLabelsMap());
    assertEquals(pod.config().getAnnotationsMap(), entry.getAnnotationsMap());
    assertEquals(calls.podStatus(pod.id()).getCreatedAt(), entry.getCreatedAt(), "created_at");
  }

  private static void everything(RuleCalls calls) {
    String ready = calls.run();
    String stopped = calls.run();
    calls.stopPod(stopped);
    Set<String> all = ids(calls.pods(filter()));
    assertEquals(Set.of(), missing(Set.of(ready, stopped), all), "missing in the list of all");
  }

  private static Set<String> missing(Set<String> expected, Set<String> found) {
    return expected.stream().filter(id -> !found.contains(id)).collect(Collectors.toSet());
  }

  private static void byId(RuleCalls calls) {
    String id = calls.shared().id();
    assertEquals(Set.of(id), ids(calls.pods(filter().setId(id))));
    assertEquals(Set.of(), ids(calls.pods(filter().setId("0123456789abcdef".repeat(4)))));
  }

  private static void byState(RuleCalls calls) {
    String stopped = calls.run();
    calls.stopPod(stopped);
    String ready = calls.shared().id();
    Set<String> both = Set.of(ready, stopped);
    assertEquals(Set.of(stopped), missing(both, ids(calls.pods(filter().setState(READY)))));
    assertEquals(Set.of(ready), missing(both, ids(calls.pods(filter().setState(NOT_READY)))));
  }

  private static void byLabels(RuleCalls calls) {
    String other = calls.run();
    SharedPod pod = calls.shared();
    String label = pod.config().getMetadata().getName();
    PodSandboxFilter.Builder mine = filter().putLabelSelector(RuleCalls.LABEL, label);
    assertEquals(Set.of(pod.id()), ids(calls.pods(mine)));
    assertEquals(Set.of(), ids(calls.pods(mine.clone().putLabelSelector("none", label))));
    assertEquals(Set.of(), ids(calls.pods(mine.clone().setId(other))));
  }

  private static void contradiction(RuleCalls calls) {
    String id = calls.shared().id();
    assertEquals(Set.of(), ids(calls.pods(filter().setId(id).setState(NOT_READY))));
    assertEquals(Set.of(id), ids(calls.pods(filter().setId(id).setState(READY))));
  }

  private static void byShortId(RuleCalls calls) {
    String id = calls.shared().id();
    assertEquals(Set.of(id), ids(calls.pods(filter().setId(id.substring(0, PodRules.SHORT)))));
  }
}
