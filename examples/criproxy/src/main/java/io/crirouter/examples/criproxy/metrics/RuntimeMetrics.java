package io.crirouter.examples.criproxy.metrics;

import io.crirouter.core.BackendState;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.BackendStatistics;
import io.crirouter.core.CriRouter;
import io.prometheus.metrics.core.metrics.Counter;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The metrics of the runtimes, read from the router at each scrape. Thread-safe. */
final class RuntimeMetrics {
  private static final double MILLIS_PER_SECOND = 1e3;

  private final Counter changes;
  private volatile @Nullable CriRouter router;

  RuntimeMetrics(Families families) {
    families.callbackGauge(
        "criproxy_backend_info",
        "1 for each runtime; the first configured one is the primary.",
        values ->
            states()
                .forEach(
                    state ->
                        values.call(
                            1,
                            state.name().value(),
                            state.address(),
                            Boolean.toString(state.isPrimary()))),
        "backend",
        "address",
        "primary");
    families.callbackGauge(
        "criproxy_backend_state",
        "1 for the current state of a runtime, 0 for the others: never_seen, ready, lost.",
        values -> {
          for (BackendState state : states()) {
            for (Phase phase : Phase.values()) {
              values.call(phase == state.phase() ? 1 : 0, state.name().value(), name(phase));
            }
          }
        },
        "backend",
        "state");
    families.callbackGauge(
        "criproxy_backend_state_since_timestamp_seconds",
        "Start of the current state of a runtime.",
        values ->
            states()
                .forEach(
                    state ->
                        values.call(
                            state.since().toEpochMilli() / MILLIS_PER_SECOND,
                            state.name().value())),
        "backend");
    changes =
        families.counter(
            "criproxy_backend_state_changes_total",
            "State changes of a runtime, by the new state.",
            "backend",
            "state");
    known(families, "pod_sandboxes", "Pod sandboxes", BackendStatistics::podSandboxes);
    known(families, "containers", "Containers", BackendStatistics::containers);
    known(families, "images", "Images (once a client has listed them)", BackendStatistics::images);
    callbackCounter(
        families,
        "criproxy_backend_events_total",
        "Container and pod sandbox events sent by a runtime.",
        BackendStatistics::events);
    callbackCounter(
        families,
        "criproxy_backend_events_coalesced_total",
        "Events replaced by a newer one for a client that reads slowly.",
        BackendStatistics::eventsCoalesced);
    callbackCounter(
        families,
        "criproxy_backend_events_dropped_total",
        "Events dropped for a client that reads slowly; it gets the current state later.",
        BackendStatistics::eventsDropped);
    callbackCounter(
        families,
        "criproxy_backend_objects_not_remembered_total",
        "Pods, containers and images beyond the limit of what is stored of a runtime.",
        BackendStatistics::objectsNotRemembered);
  }

  private void known(
      Families families, String what, String help, ToDoubleFunction<BackendStatistics> value) {
    families.callbackGauge(
        "criproxy_backend_" + what,
        help + " of a runtime, as last known.",
        values -> statistics().forEach(of -> values.call(value.applyAsDouble(of), name(of))),
        "backend");
  }

  private void callbackCounter(
      Families families, String name, String help, ToDoubleFunction<BackendStatistics> value) {
    families.callbackCounter(
        name,
        help,
        values ->
            statistics().forEach(stats -> values.call(value.applyAsDouble(stats), name(stats))),
        "backend");
  }

  private static String name(BackendStatistics statistics) {
    return statistics.name().value();
  }

  private static String name(Phase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
  }

  /** Sets the router. */
  void started(CriRouter started) {
    router = started;
  }

  /** Counts a state change of a runtime. */
  void changed(BackendState state) {
    changes.labelValues(state.name().value(), name(state.phase())).inc();
  }

  private List<BackendState> states() {
    CriRouter present = router;
    return present == null ? List.of() : present.backends();
  }

  private List<BackendStatistics> statistics() {
    CriRouter present = router;
    return present == null ? List.of() : present.statistics();
  }
}
