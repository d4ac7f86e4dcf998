package io.crirouter.examples.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The same pod at several places. What becomes of one must become of all. */
final class EverywherePods {
  /** Probes meet containers that begin or end; in which state is a matter of chance. */
  private static final String FAILED_PROBE = "Unhealthy";

  private final String name;
  private final Map<Place, TestPod> pods;
  private List<String> uncounted = List.of();

  private EverywherePods(String name, Map<Place, TestPod> pods) {
    this.name = name;
    this.pods = pods;
  }

  /** Creates it. */
  static EverywherePods create(Cluster cluster, String name, String spec, Place... places) {
    Map<Place, TestPod> pods = new EnumMap<>(Place.class);
    for (Place place : places) {
      pods.put(place, TestPod.create(cluster, place, name, spec));
    }
    return new EverywherePods(name, pods);
  }

  TestPod at(Place place) {
    return pods.get(place);
  }

  /** All of them, the first place first. */
  List<TestPod> all() {
    return List.copyOf(pods.values());
  }

  void forEach(Consumer<TestPod> action) {
    pods.values().forEach(action);
  }

  /** Waits until all have reached something. */
  @CanIgnoreReturnValue
  EverywherePods await(String what, Predicate<PodReport> condition) {
    forEach(pod -> Await.until(pod + " to be " + what, pod::report, condition));
    return this;
  }

  @CanIgnoreReturnValue
  EverywherePods awaitReady() {
    return await("ready", PodReport::isReady);
  }

  /** Waits until a command can be run in each. */
  void awaitExec() {
    forEach(pod -> Await.until("exec in " + pod, () -> pod.exec("main", "true").code() == 0));
  }

  /** Their summaries are the same as that of the first. */
  void assertSameReports() {
    Map<String, String> reports = new TreeMap<>();
    forEach(pod -> reports.put(pod.name(), pod.report().summary()));
    assertThat(Set.copyOf(reports.values())).as("what became of %s: %s", name, reports).hasSize(1);
  }

  /** Deletes those that are still there; does not wait for their end. */
  void delete() {
    forEach(
        pod -> {
          if (!pod.isGone()) {
            pod.delete();
          }
        });
  }

  /** Waits until all are gone. */
  void awaitGone() {
    forEach(pod -> Await.until("end of " + pod, pod::isGone));
  }

  /** Says of which events nobody can tell how often they come. */
  @CanIgnoreReturnValue
  EverywherePods withoutCountsOf(String... reasons) {
    uncounted = List.of(reasons);
    return this;
  }

  /** What was told of them is the same. */
  void assertSameEvents() {
    List<String> expected = events(first());
    forEach(
        pod -> {
          if (!Await.holds(() -> events(pod).equals(expected))) {
            assertThat(events(pod))
                .as("events of " + pod)
                .containsExactlyInAnyOrderElementsOf(expected);
          }
        });
  }

  private TestPod first() {
    return all().get(0);
  }

  private List<String> events(TestPod pod) {
    SortedMap<String, Integer> counts = new TreeMap<>();
    for (PodEvent event : pod.events()) {
      if (!event.reason().equals(FAILED_PROBE)) {
        int count = uncounted.contains(event.reason()) ? 0 : event.count();
        counts.merge(event.text(), count, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .map(event -> event.getValue() + " x " + event.getKey())
        .toList();
  }

  @Override
  public String toString() {
    return name;
  }
}
