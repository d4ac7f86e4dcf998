package io.crirouter.examples.criproxy.config;

import org.jspecify.annotations.Nullable;

/**
 * A key of a section.
 *
 * @param name as it is written
 * @param shape what its value must look like
 * @param about what it is for, in one sentence
 * @param isRequired whether it must be there
 * @param fallback what counts if it is not there; null for nothing
 */
record ConfigKey(
    String name, Shape shape, String about, boolean isRequired, @Nullable ConfigNode fallback) {

  static ConfigKey required(String name, Shape shape, String about) {
    return new ConfigKey(name, shape, about, true, null);
  }

  static ConfigKey optional(String name, Shape shape, String about) {
    return new ConfigKey(name, shape, about, false, null);
  }

  static ConfigKey withDefault(String name, Shape shape, String fallback, String about) {
    return new ConfigKey(name, shape, about, false, new ConfigNode.Text(fallback, Origin.DEFAULT));
  }

  static ConfigKey withDefault(String name, Shape shape, ConfigNode fallback, String about) {
    return new ConfigKey(name, shape, about, false, fallback);
  }
}
