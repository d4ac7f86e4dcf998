package io.crirouter.examples.criproxy.config;

import io.crirouter.core.AnnotationPolicy;
import io.crirouter.core.BackendName;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.examples.criproxy.cel.CelPolicy;
import io.crirouter.examples.criproxy.config.ConfigNode.Table;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Parses the policies of a configuration, and checks the backends that they name. */
final class PolicyReader {
  private final List<String> backends;
  private final Problems problems;

  PolicyReader(List<BackendName> backends, Problems problems) {
    this.backends = backends.stream().map(BackendName::value).toList();
    this.problems = problems;
  }

  RoutingPolicy read(List<ConfigNode> items) {
    RoutingPolicy[] policies = new RoutingPolicy[items.size()];
    for (int i = 0; i < policies.length; i++) {
      policies[i] = policy((Table) items.get(i), "policies[" + i + "]");
    }
    return policies.length == 1 ? policies[0] : RoutingPolicy.firstOf(policies);
  }

  private RoutingPolicy policy(Table table, String path) {
    return switch (kind(table)) {
      case "annotation" -> annotation(table, path);
      case "runtimeHandler" -> RoutingPolicy.runtimeHandler(targets(table, "runtimeHandler", path));
      case "label" ->
          RoutingPolicy.label(
              ConfigReader.value(table, "label", Values.TEXT), targets(table, "values", path));
      case "namespace" -> RoutingPolicy.namespace(targets(table, "namespace", path));
      case "hostAccess" -> RoutingPolicy.hostAccess(target(table, "hostAccess", path));
      case "imagePrefix" -> RoutingPolicy.imagePrefix(targets(table, "imagePrefix", path));
      case "weighted" -> weighted(table, path);
      case "cel" -> expression(table, path);
      case "always" -> RoutingPolicy.always(target(table, "always", path));
      default -> throw new IllegalStateException("no such policy: " + table);
    };
  }

  /** The first key of the kind of policy. */
  private static String kind(Table table) {
    return ConfigSchema.POLICY.kinds().stream()
        .map(kind -> kind.names().get(0))
        .filter(table.entries()::containsKey)
        .findFirst()
        .orElse("");
  }

  private RoutingPolicy annotation(Table table, String path) {
    String key = ConfigReader.value(table, "annotation", Values.TEXT);
    Optional<ConfigNode> others = ConfigReader.optional(table, "otherValues");
    Optional<ConfigNode> othersTo = ConfigReader.optional(table, "otherValuesTo");
    if (others.isPresent() && othersTo.isPresent()) {
      problems.add(
          othersTo.get().origin(), path, "'otherValues' and 'otherValuesTo' exclude each other");
    }
    if (!table.entries().containsKey("values")) {
      others
          .or(() -> othersTo)
          .ifPresent(
              node ->
                  problems.add(
                      node.origin(), path, "'values' is missing, which this key refers to"));
      return RoutingPolicy.annotation(key);
    }
    AnnotationPolicy policy = RoutingPolicy.annotation(key, targets(table, "values", path));
    if (othersTo.isPresent()) {
      return policy.withOtherValuesTo(target(table, "otherValuesTo", path));
    }
    boolean ignored = others.map(ConfigSchema.OTHER_VALUES::read).orElse(false);
    return ignored ? policy.withOtherValuesIgnored() : policy;
  }

  private RoutingPolicy expression(Table table, String path) {
    ConfigNode node = ConfigReader.node(table, "cel");
    String expression = Values.TEXT.read(node);
    try {
      return table.entries().containsKey("to")
          ? CelPolicy.condition(expression, target(table, "to", path))
          : CelPolicy.naming(expression);
    } catch (IllegalArgumentException e) {
      problems.add(node.origin(), path + ".cel", String.valueOf(e.getMessage()));
      return pod -> Optional.empty();
    }
  }

  private RoutingPolicy weighted(Table table, String path) {
    ConfigNode node = ConfigReader.node(table, "weighted");
    Map<BackendName, Integer> weights = ConfigSchema.WEIGHTS.read(node);
    ((Table) node)
        .entries()
        .forEach((name, entry) -> requireKnown(name, entry.keyOrigin(), path + ".weighted"));
    try {
      return RoutingPolicy.weighted(weights);
    } catch (IllegalArgumentException e) {
      problems.add(node.origin(), path + ".weighted", String.valueOf(e.getMessage()));
      return pod -> Optional.empty();
    }
  }

  private BackendName target(Table table, String key, String path) {
    BackendName name = ConfigReader.value(table, key, Values.NAME);
    requireKnown(name.value(), ConfigReader.node(table, key).origin(), path + "." + key);
    return name;
  }

  private Map<String, BackendName> targets(Table table, String key, String path) {
    Table targets = (Table) ConfigReader.node(table, key);
    targets
        .entries()
        .forEach(
            (from, entry) -> {
              String name = ((ConfigNode.Text) entry.value()).value();
              requireKnown(name, entry.value().origin(), path + "." + key + "." + from);
            });
    return ConfigSchema.TARGETS.read(targets);
  }

  private void requireKnown(String name, Origin origin, String path) {
    if (!backends.contains(name)) {
      problems.add(
          origin, path, "there is no backend '" + name + "'" + Nearest.accepted(name, backends));
    }
  }
}
