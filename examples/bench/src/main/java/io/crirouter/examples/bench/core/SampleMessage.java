package io.crirouter.examples.bench.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.RoutingProto;

/**
 * Messages with all fields set, as on one side of the router. The router must translate a message
 * to the same message of the other side.
 *
 * @param idPrefix the prefix of ids on this side
 * @param imagePrefix the prefix of image names on this side
 * @param scheme the start of stream URLs on this side
 */
record SampleMessage(String idPrefix, String imagePrefix, String scheme) {
  private static final String ID = "5a".repeat(32);

  ByteString of(Descriptor type) {
    return fill(type).toByteString();
  }

  private DynamicMessage fill(Descriptor type) {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
    for (FieldDescriptor field : type.getFields()) {
      if (field.isRepeated()) {
        message.addRepeatedField(field, value(field));
      } else {
        message.setField(field, value(field));
      }
    }
    return message.build();
  }

  private Object value(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING -> text(field);
      case INT -> 300;
      case LONG -> 300_000L;
      case BOOLEAN -> true;
      case DOUBLE -> 0.5;
      case FLOAT -> 0.5f;
      case BYTE_STRING -> ByteString.copyFromUtf8("sixteen bytes...");
      case ENUM -> field.getEnumType().getValues().get(0);
      case MESSAGE -> fill(field.getMessageType());
    };
  }

  private String text(FieldDescriptor field) {
    Reference reference = field.getOptions().getExtension(RoutingProto.ref);
    return switch (reference) {
      case POD_SANDBOX_ID, CONTAINER_ID -> idPrefix + ID;
      case IMAGE_REF -> imagePrefix + "registry.example/team/app:1.27.3";
      case STREAM_URL -> scheme + "//127.0.0.1:10010/exec/x";
      default -> field.getName();
    };
  }
}
