package io.crirouter.examples.criproxy.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The JSON schema of configuration files, for editors. */
final class JsonSchema {
  private static final String DRAFT = "https://json-schema.org/draft/2020-12/schema";

  /** The members of this key keep the order of {@link ConfigSchema}. All others are sorted. */
  private static final String ORDERED = "properties";

  private JsonSchema() {}

  static String text() {
    Map<String, Object> schema = new LinkedHashMap<>(ConfigSchema.ROOT.jsonSchema());
    schema.put("$schema", DRAFT);
    schema.put("title", "The configuration of criproxy");
    return json(schema, false, "\n") + "\n";
  }

  private static String json(Object value, boolean isOrdered, String newLine) {
    String below = newLine + "  ";
    if (value instanceof Map<?, ?> map) {
      Map<?, ?> members = isOrdered ? map : new TreeMap<>(map);
      return members.entrySet().stream()
          .map(
              member ->
                  quoted(String.valueOf(member.getKey()))
                      + ": "
                      + json(member.getValue(), ORDERED.equals(member.getKey()), below))
          .collect(Collectors.joining("," + below, "{" + below, newLine + "}"));
    }
    if (value instanceof List<?> list) {
      return list.stream()
          .map(element -> json(element, false, below))
          .collect(Collectors.joining("," + below, "[" + below, newLine + "]"));
    }
    return value instanceof String text ? quoted(text) : String.valueOf(value);
  }

  /** Quotes text without control characters. */
  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
