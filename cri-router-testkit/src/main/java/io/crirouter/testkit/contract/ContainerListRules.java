package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStateValue;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxFilter;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** ListContainers and its filters. */
final class ContainerListRules {
  private static final ContainerStateValue RUNNING = state(ContainerState.CONTAINER_RUNNING);
  private static final ContainerStateValue EXITED = state(ContainerState.CONTAINER_EXITED);

  private ContainerListRules() {}

  private static ContainerStateValue state(ContainerState state) {
    return ContainerStateValue.newBuilder().setState(state).build();
  }

  static List<Rule> all() {
    Rule.Area area = new Rule.Area();
    area.add("a container is listed once, with its config", ContainerListRules::entry);
    area.add("an empty filter matches containers in all states", ContainerListRules::everything);
    area.add("the sandbox of each container is listed", ContainerListRules::sandboxes);
    area.add("a filter by id", ContainerListRules::byId);
    area.add("a filter by sandbox", ContainerListRules::bySandbox);
    area.add("a filter by state", ContainerListRules::byState);
    area.add("a filter by labels: all must match", ContainerListRules::byLabels);
    area.add("a contradictory filter matches nothing", ContainerListRules::contradiction);
    area.add("a filter by shortened ids", ContainerListRules::byShortId, Feature.SHORT_IDS);
    return area.rules();
  }

  private static ContainerFilter.Builder filter() {
    return ContainerFilter.newBuilder();
  }

  private static Set<String> ids(List<Container> containers) {
    return containers.stream().map(Container::getId).collect(Collectors.toSet());
  }

  private static void entry(RuleCalls calls) {
    SharedPod pod = calls.shared();
    List<Container> entries =
        calls.containers(filter()).stream()
            .filter(container -> container.getId().equals(pod.container()))
            .toList();
    assertEquals(1, entries.size(), "entries of a container in the unfiltered list");
    Container entry = entries.get(0);
    assertEquals(pod.id(), entry.getPodSandboxId());
    assertEquals(pod.containerConfig().getMetadata(), entry.getMetadata());
    assertEquals(ContainerState.CONTAINER_RUNNING, entry.getState());
    assertEquals(pod.containerConfig().getLabelsMap(), entry.getLabelsMap());
    assertEquals(pod.containerConfig().getAnnotationsMap(), entry.getAnnotationsMap());
    assertEquals(calls.status(pod.container()).getCreatedAt(), entry.getCreatedAt(), "created_at");
    assertFalse(entry.getImageRef().isEmpty(), "image_ref is empty");
  }

  private static void everything(RuleCalls calls) {
    PodSandboxConfig config = calls.podConfig();
    String pod = calls.run(config);
    String created = calls.create(pod, config, calls.containerConfig("created"));
    String running = calls.create(pod, config, calls.containerConfig("running"));
    String exited = calls.create(pod, config, calls.containerConfig("exited"));
    calls.start(exited);
    calls.stop(exited, 0);
    calls.start(running);
    assertTrue(
        ids(calls.containers(filter())).containsAll(Set.of(created, running, exited)),
        "a container is missing from the unfiltered list");
  }

  /** Kubelets join the two lists. Some versions crash if a sandbox is missing. */
  private static void sandboxes(RuleCalls calls) {
    String container = calls.shared().container();
    List<Container> containers = calls.containers(filter().setId(container));
    assertEquals(1, containers.size());
    String sandbox = containers.get(0).getPodSandboxId();
    assertEquals(calls.shared().id(), sandbox);
    assertTrue(
        calls.pods(PodSandboxFilter.newBuilder()).stream()
            .anyMatch(pod -> pod.getId().equals(sandbox)),
        "the sandbox of a listed container is not listed");
  }

  private static void byId(RuleCalls calls) {
    String id = calls.shared().container();
    assertEquals(Set.of(id), ids(calls.containers(filter().setId(id))));
    assertEquals(Set.of(), ids(calls.containers(filter().setId(RuleCalls.UNKNOWN_ID))));
  }

  private static void bySandbox(RuleCalls calls) {
    String other = calls.run();
    SharedPod pod = calls.shared();
    assertEquals(
        Set.of(pod.container()), ids(calls.containers(filter().setPodSandboxId(pod.id()))));
    assertEquals(Set.of(), ids(calls.containers(filter().setPodSandboxId(other))));
  }

  private static void byState(RuleCalls calls) {
    PodSandboxConfig config = calls.podConfig();
    String pod = calls.run(config);
    String running = calls.create(pod, config, calls.containerConfig("running"));
    String exited = calls.create(pod, config, calls.containerConfig("exited"));
    calls.start(exited);
    calls.stop(exited, 0);
    calls.start(running);
    ContainerFilter.Builder both = filter().setPodSandboxId(pod);
    assertEquals(Set.of(running), ids(calls.containers(both.clone().setState(RUNNING))));
    assertEquals(Set.of(exited), ids(calls.containers(both.clone().setState(EXITED))));
  }

  private static void byLabels(RuleCalls calls) {
    PodSandboxConfig config = calls.podConfig();
    String pod = calls.run(config);
    String one = calls.create(pod, config, calls.containerConfig("one"));
    String two = calls.create(pod, config, calls.containerConfig("two"));
    ContainerFilter.Builder both = filter().setPodSandboxId(pod);
    assertEquals(Set.of(one, two), ids(calls.containers(both)));
    ContainerFilter.Builder first = both.clone().putLabelSelector(RuleCalls.LABEL, "one");
    assertEquals(Set.of(one), ids(calls.containers(first)));
    assertEquals(Set.of(), ids(calls.containers(first.putLabelSelector("none", "one"))));
  }

  private static void contradiction(RuleCalls calls) {
    SharedPod pod = calls.shared();
    String other = calls.run();
    ContainerFilter.Builder byId = filter().setId(pod.container());
    assertEquals(Set.of(), ids(calls.containers(byId.clone().setPodSandboxId(other))));
    assertEquals(Set.of(), ids(calls.containers(byId.clone().setState(EXITED))));
    assertEquals(Set.of(pod.container()), ids(calls.containers(byId.setPodSandboxId(pod.id()))));
  }

  private static void byShortId(RuleCalls calls) {
    SharedPod pod = calls.shared();
    String id = pod.container();
    Set<String> both =
        ids(
            calls.containers(
                filter()
                    .setId(id.substring(0, PodRules.SHORT))
                    .setPodSandboxId(pod.id().substring(0, PodRules.SHORT))));
    assertEquals(Set.of(id), both);
  }
}
