package io.crirouter.examples.criproxy.config;

import org.jspecify.annotations.Nullable;

/**
 * A key of a section.
 *
 * @param name the name in the configuration
 * @param shape the shape of its value
 * @param description its purpose, in one sentence
 * @param isRequired whether it must be present
 * @param fallback the default value; null if there is none
 */
record ConfigKey(
    String name,
    Shape shape,
    String description,
    boolean isRequired,
    @Nullable ConfigNode fallback) {

  static ConfigKey required(String name, Shape shape, String description) {
    return new ConfigKey(name, shape, description, true, null);
  }

  static ConfigKey optional(String name, Shape shape, String description) {
    return new ConfigKey(name, shape, description, false, null);
  }

  static ConfigKey withDefault(String name, Shape shape, String fallback, String description) {
    return withDefault(name, shape, new ConfigNode.Text(fallback, Origin.DEFAULT), description);
  }

  static ConfigKey withDefault(String name, Shape shape, ConfigNode fallback, String description) {
    return new ConfigKey(name, shape, description, false, fallback);
  }
}
