package io.crirouter.examples.bench.load;

import java.util.Collection;
import java.util.Locale;
import java.util.Map;

/** Writes maps, collections, texts and numbers as JSON. */
final class Json {
  private Json() {}

  static String write(Object value) {
    StringBuilder out = new StringBuilder();
    write(value, "\n", out);
    return out.append('\n').toString();
  }

  private static void write(Object value, String newline, StringBuilder out) {
    String inner = newline + "  ";
    if (value instanceof Map<?, ?> map) {
      String separator = "{";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(separator).append(inner).append('"').append(entry.getKey()).append("\": ");
        write(entry.getValue(), inner, out);
        separator = ",";
      }
      out.append(map.isEmpty() ? "{}" : newline + "}");
    } else if (value instanceof Collection<?> list) {
      String separator = "[";
      for (Object item : list) {
        out.append(separator).append(inner);
        write(item, inner, out);
        separator = ",";
      }
      out.append(list.isEmpty() ? "[]" : newline + "]");
    } else if (value instanceof Double number) {
      out.append(number.isNaN() ? "null" : String.format(Locale.ROOT, "%.3f", number));
    } else if (value instanceof Number || value instanceof Boolean) {
      out.append(value);
    } else {
      out.append('"')
          .append(value.toString().replace("\\", "\\\\").replace("\"", "\\\""))
          .append('"');
    }
  }
}
