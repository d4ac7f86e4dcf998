package io.crirouter.examples.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Looks at pods again and again: they are to stay ready, in the containers that they have. */
final class ReadinessWatch {
  private final EverywherePods pods;
  private final Map<Place, String> containers = new EnumMap<>(Place.class);
  private final List<String> findings = new ArrayList<>();

  private ReadinessWatch(EverywherePods pods) {
    this.pods = pods;
  }

  /** Of pods that are ready now. */
  static ReadinessWatch of(EverywherePods pods) {
    ReadinessWatch watch = new ReadinessWatch(pods);
    pods.forEach(pod -> watch.containers.put(pod.place(), pod.report().containerId("main")));
    return watch;
  }

  /** Looks for some time. */
  void forSeconds(int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    Await.until(
        "end of the watch",
        () -> {
          look();
          return System.nanoTime() - end > 0;
        });
  }

  private void look() {
    pods.forEach(
        pod -> {
          PodReport report = pod.report();
          if (!report.isReady()
              || report.restarts("main") > 0
              || !report.containerId("main").equals(containers.get(pod.place()))) {
            findings.add(report.toString());
          }
        });
  }

  void assertAlwaysReadyAndNeverRestarted() {
    look();
    assertThat(findings).isEmpty();
  }
}
