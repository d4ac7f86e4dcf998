package io.crirouter.core.internal.wire;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.DynamicMessage;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.RoutingProto;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * What the rewriter does, done the slow way: on parsed messages, by the options in the descriptors
 * and without the schema that is derived from them.
 */
final class ByDescriptors {
  private ByDescriptors() {}

  static Reference reference(FieldDescriptor field) {
    return field.getOptions().getExtension(RoutingProto.ref);
  }

  /** The message with its references edited, those in maps included. */
  static DynamicMessage edited(DynamicMessage message, Edits edits) {
    DynamicMessage.Builder builder = message.toBuilder();
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              if (field.isRepeated()) {
                List<Object> values = new ArrayList<>();
                ((List<?>) value).forEach(element -> values.add(edited(field, element, edits)));
                builder.setField(field, values);
              } else {
                builder.setField(field, edited(field, value, edits));
              }
            });
    return builder.build();
  }

  private static Object edited(FieldDescriptor field, Object value, Edits edits) {
    if (value instanceof DynamicMessage message) {
      return edited(message, edits);
    }
    return field.getJavaType() == JavaType.STRING
        ? edits.edited(reference(field), (String) value)
        : value;
  }

  /** Shows every reference with its path and value. */
  static void forEachReference(DynamicMessage message, BiConsumer<String, String> visitor) {
    forEachReference("", message, visitor);
  }

  private static void forEachReference(
      String path, DynamicMessage message, BiConsumer<String, String> visitor) {
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              String name = path + field.getName() + (field.isRepeated() ? "[]" : "");
              List<?> values = field.isRepeated() ? (List<?>) value : List.of(value);
              for (Object element : values) {
                if (element instanceof DynamicMessage below) {
                  forEachReference(name + ".", below, visitor);
                } else if (Edits.KINDS.contains(reference(field))) {
                  visitor.accept(name, (String) element);
                }
              }
            });
  }
}
