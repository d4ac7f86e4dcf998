package io.crirouter.examples.criproxy.config;

import java.util.Map;

/** What a part of the configuration must look like: the checks and the JSON schema come from it. */
interface Shape {
  /**
   * Notes all that is wrong with {@code node}.
   *
   * @param path which key it belongs to, for messages
   */
  void check(ConfigNode node, String path, Problems problems);

  /** The same with the defaults of what is not there; {@code node} has passed the check. */
  default ConfigNode withDefaults(ConfigNode node) {
    return node;
  }

  /** As JSON schema, to be written as JSON. */
  Map<String, Object> jsonSchema();

  /** What a message calls {@code node}. */
  static String kindOf(ConfigNode node) {
    if (node instanceof ConfigNode.Text) {
      return "text";
    }
    if (node instanceof ConfigNode.Items) {
      return "a list";
    }
    return node instanceof ConfigNode.Table ? "keys with values" : "nothing";
  }

  /** Notes that {@code node} is of another kind than it should be. */
  static void addWrongKind(ConfigNode node, String path, String expected, Problems problems) {
    problems.add(node.origin(), path, "expected " + expected + ", not " + kindOf(node));
  }
}
