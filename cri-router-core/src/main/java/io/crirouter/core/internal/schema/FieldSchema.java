package io.crirouter.core.internal.schema;

import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.V1Only;
import org.jspecify.annotations.Nullable;

/**
 * A field that the router may have to read or change, or that contains such a field.
 *
 * @param number its number on the wire
 * @param name its name, for messages
 * @param repeated whether it may hold several values
 * @param reference what its value refers to; unspecified if it is no reference
 * @param v1Only how it is handled in a request to a runtime that speaks v1alpha2
 * @param type the type of its value
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

  /** The types of values, as far as needed to check that a value is well-formed. */
  public enum Type {
    /** A number or bytes, of which every value is well-formed. */
    OTHER,
    /** Integers, several of which may be packed into one value. */
    INTEGERS,
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
