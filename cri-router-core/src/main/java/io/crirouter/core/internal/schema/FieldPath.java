package io.crirouter.core.internal.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The path from a message to one of its fields, direct or nested.
 *
 * @param fields outermost first
 */
public record FieldPath(List<FieldSchema> fields) {
  static final FieldPath ROOT = new FieldPath(List.of());

  /** Copies the list. */
  public FieldPath {
    fields = List.copyOf(fields);
  }

  FieldPath then(FieldSchema field) {
    List<FieldSchema> longer = new ArrayList<>(fields);
    longer.add(field);
    return new FieldPath(longer);
  }

  /** The field at the end of the path. */
  public FieldSchema last() {
    return fields.get(fields.size() - 1);
  }

  /** The field numbers on the path. */
  public int[] numbers() {
    return fields.stream().mapToInt(FieldSchema::number).toArray();
  }

  /** Whether a field on the path is repeated, so that there can be several values. */
  public boolean isPlural() {
    return fields.stream().anyMatch(FieldSchema::repeated);
  }

  @Override
  public String toString() {
    return fields.stream().map(FieldSchema::pathElement).collect(Collectors.joining("."));
  }
}
