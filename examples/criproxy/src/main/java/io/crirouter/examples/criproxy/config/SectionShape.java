package io.crirouter.examples.criproxy.config;

import io.crirouter.examples.criproxy.config.ConfigNode.Entry;
import io.crirouter.examples.criproxy.config.ConfigNode.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The shape of a section with known keys.
 *
 * @param keys all keys, in the order of the documentation
 */
record SectionShape(List<ConfigKey> keys) implements Shape {
  SectionShape {
    keys = List.copyOf(keys);
  }

  List<String> names() {
    return keys.stream().map(ConfigKey::name).toList();
  }

  /** A shape with some of the keys. */
  SectionShape only(Set<String> some) {
    return new SectionShape(keys.stream().filter(key -> some.contains(key.name())).toList());
  }

  @Override
  public void check(ConfigNode node, String path, Problems problems) {
    if (!(node instanceof Table table)) {
      Shape.addWrongKind(node, path, "keys with values: " + String.join(", ", names()), problems);
      return;
    }
    table
        .entries()
        .forEach(
            (name, entry) -> {
              if (!names().contains(name)) {
                String accepted = Nearest.accepted(name, names());
                problems.add(entry.keyOrigin(), path, "unknown key '" + name + "'" + accepted);
              }
            });
    for (ConfigKey key : keys) {
      Entry entry = table.entries().get(key.name());
      if (entry != null) {
        key.shape().check(entry.value(), below(path, key.name()), problems);
      } else if (key.isRequired()) {
        problems.add(table.origin(), path, "'" + key.name() + "' is missing");
      }
    }
  }

  private static String below(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  @Override
  public ConfigNode withDefaults(ConfigNode node) {
    Table table = (Table) node;
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (ConfigKey key : keys) {
      Entry entry = table.entries().get(key.name());
      if (entry != null) {
        ConfigNode value = key.shape().withDefaults(entry.value());
        entries.put(key.name(), new Entry(entry.keyOrigin(), value));
      } else if (key.fallback() != null) {
        entries.put(key.name(), Entry.of(key.shape().withDefaults(key.fallback())));
      }
    }
    return new Table(entries, table.origin());
  }

  @Override
  public Map<String, Object> jsonSchema() {
    Map<String, Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (ConfigKey key : keys) {
      Map<String, Object> schema = new LinkedHashMap<>();
      schema.put("description", key.description());
      schema.putAll(key.shape().jsonSchema());
      if (key.fallback() instanceof ConfigNode.Text text) {
        schema.put("default", text.value());
      }
      properties.put(key.name(), schema);
      if (key.isRequired()) {
        required.add(key.name());
      }
    }
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    schema.put("properties", properties);
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    schema.put("additionalProperties", false);
    return schema;
  }
}
