package io.crirouter.examples.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Programs of the node that are killed, stopped and started again under running pods. */
class OutageE2eTest extends OnCluster {
  OutageE2eTest(Cluster cluster) {
    super(cluster);
  }

  @Test
  void podsOutliveTheKillOfEachRuntime() {
    EverywherePods pods = everywhere("killed", Specs.SERVER).awaitReady();
    ReadinessWatch watch = ReadinessWatch.of(pods);
    for (Place place : List.of(Place.DIRECT, Place.PRIMARY, Place.SPECIAL)) {
      place.runtime(cluster).kill();
    }
    watch.forSeconds(4);
    for (Place place : List.of(Place.DIRECT, Place.PRIMARY, Place.SPECIAL)) {
      place.runtime(cluster).restart();
    }
    pods.awaitExec();
    watch.assertAlwaysReadyAndNeverRestarted();
    pods.assertSameReports();
    pods.assertSameEvents();
  }

  /** Twice as long as the router takes to call a runtime hung. */
  @Test
  void podsOutliveRuntimesThatHang() {
    EverywherePods pods = everywhere("hung", Specs.SERVER).awaitReady();
    ReadinessWatch watch = ReadinessWatch.of(pods);
    Place.SPECIAL.runtime(cluster).pause();
    watch.forSeconds(12);
    assertThat(pods.at(Place.PRIMARY).exec("main", "echo here").output()).isEqualTo("here\n");
    Place.DIRECT.runtime(cluster).pause();
    Place.PRIMARY.runtime(cluster).pause();
    watch.forSeconds(5);
    for (Place place : List.of(Place.DIRECT, Place.PRIMARY, Place.SPECIAL)) {
      place.runtime(cluster).resume();
    }
    pods.awaitExec();
    watch.assertAlwaysReadyAndNeverRestarted();
    pods.assertSameReports();
    pods.assertSameEvents();
  }

  /** A kubelet of its own accord repeats what fails; the same text is one event with a count. */
  @Test
  void eventsDoNotMultiplyWhileARuntimeIsAway() {
    EverywherePods running = at("stays", Specs.PROBED_INSIDE, Place.DIRECT, Place.SPECIAL);
    EverywherePods leaving = at("leaves", Specs.SERVER, Place.DIRECT, Place.SPECIAL);
    running.awaitReady();
    leaving.awaitReady();
    ReadinessWatch watch = ReadinessWatch.of(running);
    Place.DIRECT.runtime(cluster).kill();
    Place.SPECIAL.runtime(cluster).kill();
    EverywherePods coming = at("comes", Specs.SERVER, Place.DIRECT, Place.SPECIAL);
    leaving.delete();
    TestPod unaffected = TestPod.create(cluster, Place.PRIMARY, "unaffected", Specs.SERVER);
    Await.until(unaffected + " to run", unaffected::report, PodReport::isReady);
    watch.forSeconds(25);

    for (EverywherePods pods : List.of(running, leaving, coming)) {
      Map<String, Long> special = failures(pods.at(Place.SPECIAL));
      assertThat(special.values())
          .as(
              "different events of each reason of %s: %s; directly %s",
              pods, pods.at(Place.SPECIAL).events(), pods.at(Place.DIRECT).events())
          .allMatch(number -> number <= 2);
    }
    assertThat(coming.at(Place.SPECIAL).events())
        .anySatisfy(event -> assertThat(event.count()).isGreaterThan(1));

    Place.DIRECT.runtime(cluster).restart();
    Place.SPECIAL.runtime(cluster).restart();
    coming.awaitReady();
    leaving.awaitGone();
    watch.assertAlwaysReadyAndNeverRestarted();
    running.awaitExec();
    running.assertSameReports();
    unaffected.delete();
  }

  /** How many events there are of each reason that tells of a failure. */
  private static Map<String, Long> failures(TestPod pod) {
    return pod.events().stream()
        .filter(event -> event.text().startsWith("Warning"))
        .collect(Collectors.groupingBy(PodEvent::reason, Collectors.counting()));
  }
}
