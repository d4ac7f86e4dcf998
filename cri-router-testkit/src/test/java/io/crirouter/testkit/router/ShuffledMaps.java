package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.crirouter.proto.v1.CriServices;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * Encodes messages with their map entries in random order, as Go does. Optionally shuffles the
 * items of lists, which runtimes keep in maps.
 */
final class ShuffledMaps {
  private final Random random = new Random(1);
  private final boolean itemsToo;

  ShuffledMaps(boolean itemsToo) {
    this.itemsToo = itemsToo;
  }

  /** Shuffles the responses of all unary rpcs. */
  AlteredResponses shuffle(AlteredResponses interceptor) {
    CriServices.getDescriptor().getServices().stream()
        .flatMap(service -> service.getMethods().stream())
        .forEach(
            rpc -> interceptor.alter(rpc.getName(), bytes -> shuffle(rpc.getOutputType(), bytes)));
    return interceptor;
  }

  private ByteString shuffle(Descriptor type, ByteString bytes) {
    try {
      return shuffle(DynamicMessage.parseFrom(type, bytes), itemsToo).toByteString();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError("a runtime answered something malformed", e);
    }
  }

  private Message shuffle(Message message, boolean itemsToo) {
    Message.Builder shuffled = message.toBuilder();
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
        continue;
      }
      if (field.isRepeated()) {
        List<Object> entries = new ArrayList<>();
        for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
          entries.add(shuffle((Message) message.getRepeatedField(field, i), false));
        }
        if (field.isMapField() || itemsToo) {
          Collections.shuffle(entries, random);
        }
        shuffled.setField(field, entries);
      } else if (message.hasField(field)) {
        shuffled.setField(field, shuffle((Message) message.getField(field), false));
      }
    }
    return shuffled.build();
  }
}
