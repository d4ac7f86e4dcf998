package io.crirouter.examples.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A kubelet that follows the events of its runtime. It lists every five minutes then, so what no
 * event tells comes too late for these tests.
 */
class EventsE2eTest extends OnCluster {
  /** After so many a kubelet lists each second until it is started again. */
  private static final int MAX_STREAM_FAILURES = 5;

  private static final String ENDS_WHEN_TOLD =
      """
      containers:
      - name: main
        image: registry.test/busybox:1
        command: [sh, -c, "while [ ! -e /tmp/end ]; do sleep 0.1; done; exit 3"]
      """;

  EventsE2eTest(Cluster cluster) {
    super(cluster);
  }

  @BeforeEach
  void startKubeletsAnew() {
    assumeTrue(cluster.kubernetes().turnedOn().contains("EventedPLEG"), "EventedPLEG is off");
    for (ClusterNode node : cluster.nodes()) {
      node.kubelet().kill();
      node.kubelet().start();
      cluster.awaitReady(node);
    }
  }

  @Test
  void containersThatEndAreStartedAgain() {
    EverywherePods pods = everywhere("told", ENDS_WHEN_TOLD).awaitReady();
    endAndAwaitRestart(pods);
    assertThat(failures(cluster.routed())).isZero();
  }

  /** The stream ends, and is made again at once. */
  @Test
  void theyAreAlsoAfterAnotherProxyHasTakenThePlaceOfTheFirst() {
    EverywherePods pods = everywhere("told-after", ENDS_WHEN_TOLD).awaitReady();
    cluster.routed().proxy().handOver();
    endAndAwaitRestart(pods);
    assertThat(failures(cluster.routed())).isEqualTo(1);
  }

  /** The kubelet does not wait between its attempts. */
  @Test
  void aKillOfTheProxyEndsItAsOneOfContainerdDoes() {
    EverywherePods pods = everywhere("listed", ENDS_WHEN_TOLD).awaitReady();
    cluster.routed().proxy().kill();
    cluster.direct().primary().kill();
    for (ClusterNode node : cluster.nodes()) {
      Await.until(
          "failures of streams at " + node,
          () -> failures(node),
          failures -> failures >= MAX_STREAM_FAILURES);
    }
    cluster.routed().proxy().start();
    cluster.direct().primary().restart();
    pods.awaitExec();
    endAndAwaitRestart(pods);
  }

  private static void endAndAwaitRestart(EverywherePods pods) {
    pods.forEach(pod -> pod.exec("main", "touch /tmp/end").orThrow());
    pods.await("started again", pod -> pod.isReady() && pod.restarts("main") == 1);
    pods.assertSameReports();
    pods.assertSameEvents();
  }

  /** How many streams of events have failed. */
  private int failures(ClusterNode node) {
    String name = "kubelet_evented_pleg_connection_error_count";
    List<String> values =
        cluster
            .client()
            .send("GET", "/api/v1/nodes/" + node.name() + "/proxy/metrics", "")
            .orThrow()
            .body()
            .lines()
            .filter(line -> line.startsWith(name + " "))
            .toList();
    assertThat(values).as(name).hasSize(1);
    return Integer.parseInt(values.get(0).substring(name.length() + 1));
  }
}
