package io.crirouter.examples.criproxy.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Creates and registers metric families, and keeps their documentation. */
final class Families {
  /** The bucket bounds in seconds, from calls without a runtime to pulls of minutes. */
  private static final double[] SECONDS = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120
  };

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final List<Family> all = new ArrayList<>();

  /**
   * A documented metric.
   *
   * @param name its name, with the suffix of its type
   * @param type its type in Prometheus
   * @param labels the names of its labels
   * @param help its help text
   */
  record Family(String name, String type, List<String> labels, String help) {}

  /** The registry of all metrics. */
  PrometheusRegistry registry() {
    return registry;
  }

  /** All metrics except those of the process and the JVM, in the order of the documentation. */
  List<Family> all() {
    return List.copyOf(all);
  }

  private void add(String name, String type, String help, String... labels) {
    all.add(new Family(name, type, List.of(labels), help));
  }

  Counter counter(String name, String help, String... labels) {
    add(name, "counter", help, labels);
    return Counter.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .withoutExemplars()
        .register(registry);
  }

  Gauge gauge(String name, String help, String... labels) {
    add(name, "gauge", help, labels);
    return Gauge.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .withoutExemplars()
        .register(registry);
  }

  Histogram seconds(String name, String help, String... labels) {
    add(name, "histogram", help, labels);
    return Histogram.builder()
        .name(name)
        .help(help)
        .labelNames(labels)
        .classicOnly()
        .classicUpperBounds(SECONDS)
        .withoutExemplars()
        .register(registry);
  }

  /** A counter whose values are read at each scrape. */
  void callbackCounter(
      String name, String help, Consumer<CounterWithCallback.Callback> values, String... labels) {
    add(name, "counter", help, labels);
    CounterWithCallback unused =
        CounterWithCallback.builder()
            .name(name)
            .help(help)
            .labelNames(labels)
            .callback(values)
            .register(registry);
  }

  /** A gauge whose values are read at each scrape. */
  void callbackGauge(
      String name, String help, Consumer<GaugeWithCallback.Callback> values, String... labels) {
    add(name, "gauge", help, labels);
    GaugeWithCallback unused =
        GaugeWithCallback.builder()
            .name(name)
            .help(help)
            .labelNames(labels)
            .callback(values)
            .register(registry);
  }
}
