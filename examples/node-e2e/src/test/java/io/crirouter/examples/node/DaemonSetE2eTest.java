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

  /** Privileged, with the host's processes in sight, in the mount namespace of the node. */
  private RuntimeDaemonSet daemonSet(ContainerdInstance runtime) {
    Path program = cluster.kubernetes().containerd().containerd();
    return RuntimeDaemonSet.create(
        cluster,
        "runtime",
        """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: runtime}
        spec:
          selector: {matchLabels: {app: runtime}}
          template:
            metadata:
              labels: {app: runtime}
            spec:
              nodeSelector: {kubernetes.io/hostname: routed}
              tolerations: [{operator: Exists}]
              priorityClassName: system-node-critical
              hostPID: true
              hostNetwork: true
              terminationGracePeriodSeconds: 1
              containers:
              - name: daemon
                image: registry.test/busybox:1
                securityContext: {privileged: true}
                command:
                - sh
                - -c
                - >-
                  exec nsenter -t %1$d -m --
                  /usr/bin/env PATH=%2$s:/usr/sbin:/usr/bin:/sbin:/bin
                  %3$s --config %4$s/config.toml
        """
            .formatted(
                cluster.routed().namespace().pid(),
                program.getParent(),
                program,
                runtime.directory()));
  }
}
