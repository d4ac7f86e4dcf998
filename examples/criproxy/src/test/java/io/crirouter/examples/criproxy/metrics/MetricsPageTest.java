package io.crirouter.examples.criproxy.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.examples.criproxy.tracing.SpanCounts;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The metrics of the page, the dashboard and the alert rules exist. */
class MetricsPageTest {
  private static final Path PAGE =
      Path.of("").toAbsolutePath().getParent().getParent().resolve("docs/metrics.md");
  private static final Path FOLDER = Path.of("conf/prometheus");
  private static final Set<String> QUERIES = Set.of("expr", "query");
  private static final Pattern OURS = Pattern.compile("\\b(?:criproxy|process|jvm)_[a-z_]+\\b");
  private static final Pattern SUFFIX_OF_HISTOGRAM = Pattern.compile("_(bucket|sum|count)$");

  private static Metrics metrics() {
    return new Metrics("", new SpanCounts());
  }

  @Test
  void theTableHasEveryMetric() throws Exception {
    StringBuilder table = new StringBuilder("| metric | type | labels | |\n|---|---|---|---|\n");
    for (Families.Family family : metrics().documented()) {
      table
          .append("| `" + family.name() + "` | " + family.type() + " | ")
          .append(String.join(", ", family.labels()) + " | " + family.help() + " |\n");
    }

    assertThat(Files.readString(PAGE)).contains("must be -->\n\n" + table + "\n");
  }

  private static Set<String> namesIn(String text) {
    return OURS.matcher(text)
        .results()
        .map(MatchResult::group)
        .map(name -> SUFFIX_OF_HISTOGRAM.matcher(name).replaceFirst(""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** All metrics, with those of the process; counters also without their suffix. */
  private static Set<String> known() {
    Metrics metrics = metrics();
    Set<String> names = new TreeSet<>();
    metrics.documented().forEach(family -> names.add(family.name()));
    for (MetricSnapshot family : metrics.registry().scrape()) {
      String name = family.getMetadata().getPrometheusName();
      names.add(family instanceof CounterSnapshot ? name + "_total" : name);
    }
    return names;
  }

  @Test
  void thePageNamesNoOthers() throws Exception {
    assertThat(known()).containsAll(namesIn(Files.readString(PAGE)));
  }

  @Test
  void theDashboardUsesExistingMetrics() throws Exception {
    Set<String> asked = new TreeSet<>();
    collectQueries(read("dashboard.json"), asked);

    assertThat(asked).hasSizeGreaterThan(15);
    assertThat(known()).containsAll(asked);
  }

  /** JSON is YAML. */
  private static Object read(String file) throws IOException {
    String text = Files.readString(FOLDER.resolve(file));
    return new Load(LoadSettings.builder().build()).loadFromString(text);
  }

  private static void collectQueries(Object node, Set<String> names) {
    if (node instanceof Map<?, ?> keys) {
      keys.forEach(
          (key, value) -> {
            if (QUERIES.contains(String.valueOf(key))) {
              names.addAll(namesIn(String.valueOf(value)));
            } else {
              collectQueries(value, names);
            }
          });
    } else if (node instanceof List<?> items) {
      items.forEach(item -> collectQueries(item, names));
    }
  }

  @Test
  void theAlertRulesUseExistingMetrics() throws Exception {
    String rules = String.valueOf(read("alerts.yaml"));

    assertThat(namesIn(rules)).hasSizeGreaterThan(7);
    assertThat(known()).containsAll(namesIn(rules));
  }

  @Test
  void thePageExplainsEveryAlert() throws Exception {
    String page = Files.readString(PAGE);
    String rules = Files.readString(FOLDER.resolve("alerts.yaml"));
    List<String> alerts =
        Pattern.compile("alert: (\\w+)").matcher(rules).results().map(m -> m.group(1)).toList();

    assertThat(alerts).hasSizeGreaterThan(7).allMatch(alert -> page.contains("| " + alert + " |"));
  }
}
