package io.crirouter.core.internal.schema;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.proto.routing.Budget;
import io.crirouter.proto.routing.Effect;
import io.crirouter.proto.routing.Merge;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.Route;
import io.crirouter.proto.routing.Substitute;
import io.crirouter.proto.routing.V1Only;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the schema from {@code cri.schema}, a text generated from {@code proto/}. Reading it takes
 * a few milliseconds; protobuf's descriptors would take a quarter of a second at each start. A test
 * writes it, and compares it with the descriptors.
 */
final class SchemaTable {
  private static final String FILE = "cri.schema";
  static final String NONE = "-";
  static final String INTEGERS = "integers";
  static final String STRING = "string";
  static final String STRING_MAP = "map";
  static final String MESSAGE = "message";
  static final String FIELD = "field";
  static final String RPC = "rpc";

  private final Map<String, MessageSchema> messages = new HashMap<>();
  private final List<MethodSchema> methods = new ArrayList<>();
  private MessageSchema current = new MessageSchema("");

  private SchemaTable() {}

  /** The schema of CRI v1. */
  static Schema read() {
    try (InputStream file = SchemaTable.class.getResourceAsStream(FILE)) {
      if (file == null) {
        throw new IllegalStateException(FILE + " is not beside " + SchemaTable.class);
      }
      return read(new BufferedReader(new InputStreamReader(file, UTF_8)).lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + FILE, e);
    }
  }

  /** Reads the lines of a table. */
  static Schema read(List<String> lines) {
    SchemaTable table = new SchemaTable();
    lines.forEach(table::readLine);
    return new Schema(table.methods);
  }

  private void readLine(String line) {
    String[] words = line.split(" ", -1);
    switch (words[0]) {
      case MESSAGE -> current = message(words[1]);
      case FIELD -> current.add(field(words));
      case RPC -> methods.add(method(words));
      default -> throw new IllegalStateException(FILE + ": cannot read '" + line + "'");
    }
  }

  /** A field may have a type that is defined later, or the type that contains it. */
  private MessageSchema message(String name) {
    return messages.computeIfAbsent(name, MessageSchema::new);
  }

  private FieldSchema field(String[] words) {
    return new FieldSchema(
        Integer.parseInt(words[1]),
        words[2],
        Boolean.parseBoolean(words[3]),
        Reference.valueOf(words[4]),
        V1Only.valueOf(words[5]),
        type(words[6]),
        type(words[6]) == FieldSchema.Type.MESSAGE ? message(words[6]) : null);
  }

  /** Names of messages begin with a capital letter. */
  private static FieldSchema.Type type(String word) {
    return switch (word) {
      case NONE -> FieldSchema.Type.OTHER;
      case INTEGERS -> FieldSchema.Type.INTEGERS;
      case STRING -> FieldSchema.Type.STRING;
      case STRING_MAP -> FieldSchema.Type.STRING_MAP;
      default -> FieldSchema.Type.MESSAGE;
    };
  }

  private MethodSchema method(String[] words) {
    return new MethodSchema(
        words[1],
        words[2],
        Boolean.parseBoolean(words[3]),
        Route.valueOf(words[4]),
        Merge.valueOf(words[5]),
        Budget.valueOf(words[6]),
        words[7].equals(NONE) ? "" : words[7],
        Effect.valueOf(words[8]),
        Substitute.valueOf(words[9]),
        message(words[10]),
        message(words[11]));
  }
}
