package io.crirouter.examples.criproxy.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * The shape of a table whose keys are chosen by the operator.
 *
 * @param expected the accepted values, in words
 * @param key the shape of each key
 * @param value the shape of each value
 */
record TableShape<K, V>(String expected, ValueShape<K> key, ValueShape<V> value) implements Shape {
  @Override
  public void check(ConfigNode node, String path, Problems problems) {
    if (!(node instanceof ConfigNode.Table table)) {
      Shape.addWrongKind(node, path, expected, problems);
      return;
    }
    if (table.entries().isEmpty()) {
      problems.add(node.origin(), path, "the table is empty; expected " + expected);
    }
    table
        .entries()
        .forEach(
            (name, entry) -> {
              key.check(name, entry.keyOrigin(), path, problems);
              value.check(entry.value(), path + "." + name, problems);
            });
  }

  /** Parses a node that has passed the check. Keeps its order. */
  Map<K, V> read(ConfigNode node) {
    Map<K, V> read = new LinkedHashMap<>();
    forEach(node, (name, entry) -> read.put(key.parser().apply(name), value.read(entry.value())));
    return read;
  }

  private static void forEach(ConfigNode node, BiConsumer<String, ConfigNode.Entry> each) {
    ((ConfigNode.Table) node).entries().forEach(each);
  }

  @Override
  public Map<String, Object> jsonSchema() {
    return Map.of("type", "object", "minProperties", 1, "additionalProperties", value.jsonSchema());
  }
}
