package io.crirouter.core.internal.schema;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The fields of one message type that the router needs. Compared by identity. */
public final class MessageSchema {
  private final String name;
  private final List<FieldSchema> fields = new ArrayList<>();
  private @Nullable FieldSchema[] byNumber = {};

  MessageSchema(String name) {
    this.name = name;
  }

  /** Only while the schema is read; afterwards the type never changes. */
  void add(FieldSchema field) {
    fields.add(field);
    if (field.number() >= byNumber.length) {
      byNumber = Arrays.copyOf(byNumber, field.number() + 1);
    }
    byNumber[field.number()] = field;
  }

  /** The short name, {@code PodSandbox} say. */
  public String name() {
    return name;
  }

  /**
   * The fields that are references or v1 only, the strings of responses that are merged, and the
   * fields that contain such; in the order of the description.
   */
  public List<FieldSchema> fields() {
    return List.copyOf(fields);
  }

  /** The field of this number, or null if the router does not need it. */
  public @Nullable FieldSchema field(int number) {
    return number < byNumber.length ? byNumber[number] : null;
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
