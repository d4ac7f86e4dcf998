package io.crirouter.testkit.e2e;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import io.crirouter.proto.v1.UInt64Value;
import java.util.List;

/** What differs between two answers to the same question: when it was asked, and usage. */
final class Figures {
  private Figures() {}

  /** The same message, with every timestamp and every measured value 0 wherever it is. */
  @SuppressWarnings("unchecked")
  static <M extends Message> M removedFrom(M message) {
    if (message instanceof UInt64Value) {
      return (M) UInt64Value.getDefaultInstance();
    }
    Message.Builder builder = message.toBuilder();
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              if (field.getName().equals("timestamp")) {
                builder.clearField(field);
              } else if (field.getJavaType() == JavaType.MESSAGE && !field.isMapField()) {
                removeFrom(builder, field, value);
              }
            });
    return (M) builder.build();
  }

  private static void removeFrom(Message.Builder builder, FieldDescriptor field, Object value) {
    if (field.isRepeated()) {
      List<?> all = (List<?>) value;
      for (int i = 0; i < all.size(); i++) {
        builder.setRepeatedField(field, i, removedFrom((Message) all.get(i)));
      }
    } else {
      builder.setField(field, removedFrom((Message) value));
    }
  }
}
