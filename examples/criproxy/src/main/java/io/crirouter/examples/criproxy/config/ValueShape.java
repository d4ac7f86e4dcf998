package io.crirouter.examples.criproxy.config;

import java.util.Map;
import java.util.function.Function;

/**
 * The shape of a single value.
 *
 * @param expected the accepted values, in words
 * @param parser parses a value; throws {@link IllegalArgumentException} with the reason
 * @param jsonSchema the JSON schema
 */
record ValueShape<T>(String expected, Function<String, T> parser, Map<String, Object> jsonSchema)
    implements Shape {

  @Override
  public void check(ConfigNode node, String path, Problems problems) {
    if (!(node instanceof ConfigNode.Text text)) {
      Shape.addWrongKind(node, path, expected, problems);
      return;
    }
    check(text.value(), text.origin(), path, problems);
  }

  void check(String value, Origin origin, String path, Problems problems) {
    try {
      T unused = parser.apply(value);
    } catch (IllegalArgumentException e) {
      problems.add(origin, path, String.valueOf(e.getMessage()));
    }
  }

  /** Parses a node that has passed the check. */
  T read(ConfigNode node) {
    return parser.apply(((ConfigNode.Text) node).value());
  }
}
