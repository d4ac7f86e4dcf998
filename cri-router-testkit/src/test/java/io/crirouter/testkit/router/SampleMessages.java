package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.RoutingProto;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Messages with all fields set, and with the ids and names of one side of the router. The message
 * for the other side is the expected translation, which is built without code of the router.
 */
record SampleMessages(
    String podUid, Map<Reference, String> references, Map<String, String> annotations) {
  static final String SANDBOX = "5a".repeat(32);
  static final String CONTAINER = "c0".repeat(32);

  /** For the primary, where both sides differ only in stream urls. */
  static SampleMessages ofPrimary(boolean atRuntime) {
    return new SampleMessages(
        "uid-of-a-plain-pod",
        Map.of(
            Reference.POD_SANDBOX_ID,
            SANDBOX,
            Reference.CONTAINER_ID,
            CONTAINER,
            Reference.IMAGE_REF,
            "docker.io/library/busybox:1",
            Reference.RUNTIME_HANDLER,
            "runc",
            Reference.STREAM_URL,
            (atRuntime ? "" : "http:") + "//127.0.0.1:1234/exec/x"),
        Map.of("example.com/key", "value"));
  }

  /** For a secondary named {@code virtlet.cloud}. */
  static SampleMessages ofSecondary(boolean atRuntime) {
    String id = atRuntime ? "" : "virt__";
    String image = atRuntime ? "" : "virtlet.cloud/";
    return new SampleMessages(
        "uid-of-a-marked-pod",
        Map.of(
            Reference.POD_SANDBOX_ID, id + SANDBOX,
            Reference.CONTAINER_ID, id + CONTAINER,
            Reference.IMAGE_REF, image + "docker.io/library/cirros:1",
            Reference.RUNTIME_HANDLER, atRuntime ? "kvm" : "vm",
            Reference.STREAM_URL, (atRuntime ? "" : "http:") + "//127.0.0.1:4321/exec/x"),
        Map.of("kubernetes.io/target-runtime", "virtlet.cloud"));
  }

  Message fill(Descriptor type) {
    return fill(type, field -> true);
  }

  /** A message with only the {@code wanted} fields, also in nested messages. */
  Message fill(Descriptor type, Predicate<FieldDescriptor> wanted) {
    return fill(type, 1, wanted);
  }

  /** Fills a message. The {@code index} makes the items of a list different. */
  private Message fill(Descriptor type, int index, Predicate<FieldDescriptor> wanted) {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
    for (FieldDescriptor field : type.getFields()) {
      if (!wanted.test(field)) {
        continue;
      }
      if (field.isMapField()) {
        map(message, field);
      } else if (field.isRepeated()) {
        message.addRepeatedField(field, value(field, 1, wanted));
        message.addRepeatedField(field, value(field, 2, wanted));
      } else {
        message.setField(field, value(field, index, wanted));
      }
    }
    return message.build();
  }

  private void map(DynamicMessage.Builder message, FieldDescriptor field) {
    Map<String, String> content =
        field.getName().equals("annotations") ? annotations : Map.of("key", "value");
    Descriptor entry = field.getMessageType();
    content.forEach(
        (key, value) ->
            message.addRepeatedField(
                field,
                DynamicMessage.newBuilder(entry)
                    .setField(entry.findFieldByNumber(1), key)
                    .setField(entry.findFieldByNumber(2), value)
                    .build()));
  }

  private Object value(FieldDescriptor field, int index, Predicate<FieldDescriptor> wanted) {
    return switch (field.getJavaType()) {
      case STRING -> text(field, index);
      case INT -> index;
      case LONG -> (long) index;
      case BOOLEAN -> true;
      case DOUBLE -> (double) index;
      case FLOAT -> (float) index;
      case BYTE_STRING -> ByteString.copyFromUtf8("bytes" + index);
      case ENUM -> {
        List<?> values = field.getEnumType().getValues();
        yield values.get(values.size() - 1);
      }
      case MESSAGE -> fill(field.getMessageType(), index, wanted);
    };
  }

  private String text(FieldDescriptor field, int index) {
    Reference kind = field.getOptions().getExtension(RoutingProto.ref);
    String reference = references.get(kind);
    if (reference == null) {
      return field.getName().equals("uid") ? podUid : field.getName() + index;
    }
    boolean known = kind == Reference.RUNTIME_HANDLER || kind == Reference.STREAM_URL;
    return known || index == 1 ? reference : reference + index;
  }
}
