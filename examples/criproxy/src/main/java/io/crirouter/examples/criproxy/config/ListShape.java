package io.crirouter.examples.criproxy.config;

import java.util.List;
import java.util.Map;

/**
 * The shape of a list of one or more items.
 *
 * @param item the shape of each item
 */
record ListShape(Shape item) implements Shape {
  @Override
  public void check(ConfigNode node, String path, Problems problems) {
    if (!(node instanceof ConfigNode.Items items)) {
      Shape.addWrongKind(node, path, "a list", problems);
      return;
    }
    if (items.values().isEmpty()) {
      problems.add(node.origin(), path, "the list is empty; add an item, or remove the key");
    }
    for (int i = 0; i < items.values().size(); i++) {
      item.check(items.values().get(i), path + "[" + i + "]", problems);
    }
  }

  @Override
  public ConfigNode withDefaults(ConfigNode node) {
    List<ConfigNode> values =
        ((ConfigNode.Items) node).values().stream().map(item::withDefaults).toList();
    return new ConfigNode.Items(values, node.origin());
  }

  @Override
  public Map<String, Object> jsonSchema() {
    return Map.of("type", "array", "minItems", 1, "items", item.jsonSchema());
  }
}
