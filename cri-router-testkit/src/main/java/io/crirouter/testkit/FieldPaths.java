package io.crirouter.testkit;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.crirouter.proto.v1.UInt64Value;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Fields of nested messages as dotted paths, for example {@code status.image.image}. */
final class FieldPaths {
  private FieldPaths() {}

  /** The paths of all fields that are set. Maps and wrapped numbers are leaves. */
  static Set<String> in(Message message) {
    Set<String> paths = new TreeSet<>();
    collect(message, "", paths);
    return paths;
  }

  private static void collect(Message message, String prefix, Set<String> paths) {
    for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
      FieldDescriptor field = entry.getKey();
      String path = prefix + field.getName();
      paths.add(path);
      if (isNested(field)) {
        for (Object value :
            field.isRepeated() ? (List<?>) entry.getValue() : List.of(entry.getValue())) {
          collect((Message) value, path + ".", paths);
        }
      }
    }
  }

  private static boolean isNested(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
        && !field.isMapField()
        && !field.getMessageType().equals(UInt64Value.getDescriptor());
  }

  /** Clears the field with this path, in every item of repeated fields on the path. */
  static void clear(Message.Builder message, List<String> path) {
    Descriptor type = message.getDescriptorForType();
    FieldDescriptor field = type.findFieldByName(path.get(0));
    if (field == null) {
      throw new IllegalArgumentException(type.getFullName() + " has no field " + path.get(0));
    }
    if (path.size() == 1) {
      message.clearField(field);
    } else if (field.isRepeated()) {
      for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
        Message.Builder item = ((Message) message.getRepeatedField(field, i)).toBuilder();
        clear(item, path.subList(1, path.size()));
        message.setRepeatedField(field, i, item.build());
      }
    } else if (message.hasField(field)) {
      clear(message.getFieldBuilder(field), path.subList(1, path.size()));
    }
  }
}
