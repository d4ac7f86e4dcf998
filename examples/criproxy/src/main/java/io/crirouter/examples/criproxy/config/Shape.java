package io.crirouter.examples.criproxy.config;

import java.util.Map;

/** The shape of a part of the configuration. Checks and the JSON schema are derived from it. */
interface Shape {
  /**
   * Adds all errors of {@code node}.
   *
   * @param path the path of its key, for messages
   */
  void check(ConfigNode node, String path, Problems problems);

  /** Adds the defaults of missing keys to a {@code node} that has passed the check. */
  default ConfigNode withDefaults(ConfigNode node) {
    return node;
  }

  /** The JSON schema, as maps, lists and values. */
  Map<String, Object> jsonSchema();

  /** The kind of {@code node}, for messages. */
  static String kindOf(ConfigNode node) {
    if (node instanceof ConfigNode.Text) {
      return "text";
    }
    if (node instanceof ConfigNode.Items) {
      return "a list";
    }
    return node instanceof ConfigNode.Table ? "keys with values" : "nothing";
  }

  /** Adds the error that {@code node} is of the wrong kind. */
  static void addWrongKind(ConfigNode node, String path, String expected, Problems problems) {
    problems.add(node.origin(), path, "expected " + expected + ", not " + kindOf(node));
  }
}
