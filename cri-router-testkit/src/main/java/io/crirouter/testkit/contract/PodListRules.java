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
    area.add("a sandbox is listed once, with its config", PodListRules::entry);
    area.add("an empty filter matches all sandboxes", PodListRules::everything);
    area.add("a filter by id", PodListRules::byId);
    area.add("a filter by state", PodListRules::byState);
    area.add("a filter by labels: all must match", PodListRules::byLabels);
    area.add("a contradictory filter matches nothing", PodListRules::contradiction);
    area.add("a filter by a shortened id", PodListRules::byShortId, Feature.SHORT_IDS);
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
        calls.pods(filter()).stream().filter(listed -> listed.getId().equals(pod.id())).toList();
    assertEquals(1, entries.size(), "entries of a sandbox in the unfiltered list");
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
    assertEquals(Set.of(), missing(Set.of(ready, stopped), all), "missing in the unfiltered list");
  }

  private static Set<String> missing(Set<String> expected, Set<String> found) {
    return expected.stream().filter(id -> !found.contains(id)).collect(Collectors.toSet());
  }

  private static void byId(RuleCalls calls) {
    String id = calls.shared().id();
    assertEquals(Set.of(id), ids(calls.pods(filter().setId(id))));
    assertEquals(Set.of(), ids(calls.pods(filter().setId(RuleCalls.UNKNOWN_ID))));
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
    PodSandboxFilter.Builder byLabel = filter().putLabelSelector(RuleCalls.LABEL, label);
    assertEquals(Set.of(pod.id()), ids(calls.pods(byLabel)));
    assertEquals(Set.of(), ids(calls.pods(byLabel.clone().putLabelSelector("none", label))));
    assertEquals(Set.of(), ids(calls.pods(byLabel.clone().setId(other))));
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
