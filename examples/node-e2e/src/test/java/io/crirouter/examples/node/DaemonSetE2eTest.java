package io.crirouter.examples.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.testkit.containerd.ContainerdInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A runtime that is itself brought by a DaemonSet, whose pod the primary runs. */
class DaemonSetE2eTest extends OnCluster {
  private static final String POD =
      """
      containers:
      - {name: main, image: "registry.test/busybox:1", command: [sleep, "1000"]}
      """;

  DaemonSetE2eTest(Cluster cluster) {
    super(cluster);
  }

  @Test
  void podsOfARuntimeThatADaemonSetBringsWaitForItAndRun() throws IOException {
    ContainerdInstance special = cluster.routed().special();
    EverywherePods before = at("before", POD, Place.SPECIAL, Place.SPECIAL_BY_CLASS).awaitReady();
    ReadinessWatch watch = ReadinessWatch.of(before);
    special.kill();
    Files.delete(special.socket());
    EverywherePods eggs = at("egg", POD, Place.SPECIAL, Place.SPECIAL_BY_CLASS);
    Await.until(
        "refusal",
        () -> eggs.at(Place.SPECIAL).events(),
        events -> events.stream().anyMatch(e -> e.reason().equals("FailedCreatePodSandBox")));

    try (RuntimeDaemonSet daemons = daemonSet(special)) {
      eggs.awaitReady();
      assertThat(special.isAlive()).as("the test has started it").isFalse();
      watch.assertAlwaysReadyAndNeverRestarted();
      assertThat(daemons.pod().orElseThrow().events())
          .as("the loss of the runtime is no trouble for the pod that brings it")
          .noneMatch(event -> event.text().startsWith("Warning"));
    }
  }

  private RuntimeDaemonSet daemonSet(ContainerdInstance runtime) {
    Path program = cluster.kubernetes().containerd().containerd();
    return RuntimeDaemonSet.create(
        cluster,
        "runtime",
        program.getParent() + ":",
        "%s --config %s/config.toml".formatted(program, runtime.directory()));
  }
}
