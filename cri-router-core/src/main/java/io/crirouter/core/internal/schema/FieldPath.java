package io.crirouter.core.internal.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The way from a message down to one of its fields.
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

  /** The field that the way leads to. */
  public FieldSchema last() {
    return fields.get(fields.size() - 1);
  }

  /** The field numbers on the way. */
  public int[] numbers() {
    return fields.stream().mapToInt(FieldSchema::number).toArray();
  }

  /** Whether a field on the way is repeated, so that the path can lead to several values. */
  public boolean isPlural() {
    return fields.stream().anyMatch(FieldSchema::repeated);
  }

  @Override
  public String toString() {
    return fields.stream().map(FieldSchema::pathElement).collect(Collectors.joining("."));
  }
}
