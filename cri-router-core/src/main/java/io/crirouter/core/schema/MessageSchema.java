package io.crirouter.core.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** The fields of one message type that matter to the router. Compared by identity. */
public final class MessageSchema {
  private final String name;
  private final List<FieldSchema> fields = new ArrayList<>();

  MessageSchema(String name) {
    this.name = name;
  }

  /** Only while the schema is read; afterwards the type never changes. */
  void add(FieldSchema field) {
    fields.add(field);
  }

  /** The short name, {@code PodSandbox} say. */
  public String name() {
    return name;
  }

  /** The fields that are references, are v1 only, or lead to such fields; by number. */
  public List<FieldSchema> fields() {
    return List.copyOf(fields);
  }

  /** Visits every reference below this type with its path, depth first. */
  public void forEachReference(BiConsumer<FieldPath, FieldSchema> visitor) {
    visit(FieldPath.ROOT, visitor);
  }

  private void visit(FieldPath path, BiConsumer<FieldPath, FieldSchema> visitor) {
    for (FieldSchema field : fields) {
      FieldPath below = path.then(field);
      MessageSchema message = field.message();
      if (field.isReference()) {
        visitor.accept(below, field);
      } else if (message != null) {
        message.visit(below, visitor);
      }
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
