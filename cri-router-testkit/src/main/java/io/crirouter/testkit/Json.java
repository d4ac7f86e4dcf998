package io.crirouter.testkit;

/** Writes JSON, the format of the verbose info of runtimes. */
final class Json {
  private Json() {}

  /** An object whose values are strings. */
  static String object(String... keysAndValues) {
    StringBuilder json = new StringBuilder("{");
    for (int i = 0; i < keysAndValues.length; i += 2) {
      json.append(i == 0 ? "" : ",");
      append(json, keysAndValues[i]);
      json.append(':');
      append(json, keysAndValues[i + 1]);
    }
    return json.append('}').toString();
  }

  private static void append(StringBuilder json, String text) {
    json.append('"');
    text.chars().forEach(c -> appendEscaped(json, (char) c));
    json.append('"');
  }

  private static void appendEscaped(StringBuilder json, char c) {
    if (c == '"' || c == '\\') {
      json.append('\\').append(c);
    } else if (c < ' ') {
      json.append(String.format("\\u%04x", (int) c));
    } else {
      json.append(c);
    }
  }
}
