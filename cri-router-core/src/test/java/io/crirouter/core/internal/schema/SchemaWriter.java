package io.crirouter.core.internal.schema;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a schema as the text that {@link SchemaTable} reads. */
final class SchemaWriter {
  private SchemaWriter() {}

  /** The lines of a schema. */
  static List<String> write(Schema schema) {
    Map<String, MessageSchema> types = new LinkedHashMap<>();
    List<String> rpcs = new ArrayList<>();
    for (MethodSchema method : schema.methods()) {
      collect(method.request(), types);
      collect(method.response(), types);
      rpcs.add(line(method));
    }
    List<String> lines = new ArrayList<>();
    types.forEach(
        (name, type) -> {
          lines.add(SchemaTable.MESSAGE + " " + name);
          type.fields().forEach(field -> lines.add(line(field)));
        });
    lines.addAll(rpcs);
    return lines;
  }

  private static void collect(MessageSchema type, Map<String, MessageSchema> into) {
    MessageSchema before = into.putIfAbsent(type.name(), type);
    if (before != null && before != type) {
      throw new IllegalStateException("two message types are called " + type.name());
    }
    if (before == null) {
      for (FieldSchema field : type.fields()) {
        MessageSchema below = field.message();
        if (below != null) {
          collect(below, into);
        }
      }
    }
  }

  private static String line(FieldSchema field) {
    return String.join(
        " ",
        SchemaTable.FIELD,
        Integer.toString(field.number()),
        field.name(),
        Boolean.toString(field.repeated()),
        field.reference().name(),
        field.v1Only().name(),
        word(field));
  }

  private static String word(FieldSchema field) {
    return switch (field.type()) {
      case OTHER -> SchemaTable.NONE;
      case INTEGERS -> SchemaTable.INTEGERS;
      case STRING -> SchemaTable.STRING;
      case STRING_MAP -> SchemaTable.STRING_MAP;
      case MESSAGE -> requireNonNull(field.message()).name();
    };
  }

  private static String line(MethodSchema method) {
    return String.join(
        " ",
        SchemaTable.RPC,
        method.service(),
        method.name(),
        Boolean.toString(method.serverStreaming()),
        method.route().name(),
        method.merge().name(),
        method.budget().name(),
        method.listRpc().isEmpty() ? SchemaTable.NONE : method.listRpc(),
        method.effect().name(),
        method.substitute().name(),
        method.request().name(),
        method.response().name());
  }
}
