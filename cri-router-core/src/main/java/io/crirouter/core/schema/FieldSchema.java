package io.crirouter.core.schema;

import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.V1Only;
import org.jspecify.annotations.Nullable;

/**
 * A field that the router may have to touch, or through which such a field is reached.
 *
 * @param number its number on the wire
 * @param name its name, for explanations
 * @param repeated whether it may hold several values
 * @param reference what its value refers to; unspecified where it is no reference
 * @param v1Only what becomes of it on the way to a runtime that speaks v1alpha2
 * @param message the type of a message field, null for scalars
 */
public record FieldSchema(
    int number,
    String name,
    boolean repeated,
    Reference reference,
    V1Only v1Only,
    @Nullable MessageSchema message) {

  /** Whether the value must be translated between client and runtime. */
  public boolean isReference() {
    return reference != Reference.REFERENCE_UNSPECIFIED && reference != Reference.NONE;
  }

  /** The name as a path element: repeated fields end in {@code []}. */
  String pathElement() {
    return repeated ? name + "[]" : name;
  }
}
