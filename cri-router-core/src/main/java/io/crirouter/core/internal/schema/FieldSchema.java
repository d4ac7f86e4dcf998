package io.crirouter.core.internal.schema;

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
 * @param type what its value is
 * @param message the type of a message field, else null
 */
public record FieldSchema(
    int number,
    String name,
    boolean repeated,
    Reference reference,
    V1Only v1Only,
    Type type,
    @Nullable MessageSchema message) {

  /** What a field holds, as far as it matters whether a value is well-formed. */
  public enum Type {
    /** A number or bytes, of which every value is well-formed. */
    OTHER,
    /** Text in UTF-8. */
    STRING,
    /** A map from text to text. */
    STRING_MAP,
    /** A message. */
    MESSAGE
  }

  /** Whether the value must be translated between client and runtime. */
  public boolean isReference() {
    return reference != Reference.REFERENCE_UNSPECIFIED && reference != Reference.NONE;
  }

  /** The name as a path element: repeated fields end in {@code []}. */
  String pathElement() {
    return repeated ? name + "[]" : name;
  }
}
