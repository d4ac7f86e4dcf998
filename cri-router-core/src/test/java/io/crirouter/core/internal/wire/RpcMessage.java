package io.crirouter.core.internal.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import io.crirouter.core.internal.schema.FieldPath;
import io.crirouter.core.internal.schema.MessageSchema;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.proto.v1.CriServices;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A request or response type, as protobuf describes it and as the router knows it.
 *
 * @param method the rpc
 * @param descriptor protobuf's description
 * @param schema the router's
 */
record RpcMessage(MethodSchema method, Descriptor descriptor, MessageSchema schema) {

  /** The request of every rpc that the schema knows. */
  static List<RpcMessage> requests() {
    List<RpcMessage> requests = new ArrayList<>();
    for (MethodSchema method : Schema.cri().methods()) {
      requests.add(new RpcMessage(method, rpc(method).getInputType(), method.request()));
    }
    return requests;
  }

  /** The request and the response of every rpc that the schema knows. */
  static List<RpcMessage> all() {
    List<RpcMessage> all = requests();
    all.addAll(responses());
    return all;
  }

  /** The response of every rpc that the schema knows. */
  static List<RpcMessage> responses() {
    return Schema.cri().methods().stream().map(RpcMessage::responseOf).toList();
  }

  static RpcMessage responseOf(String rpc) {
    return responseOf(Schema.cri().require(rpc));
  }

  private static RpcMessage responseOf(MethodSchema method) {
    return new RpcMessage(method, rpc(method).getOutputType(), method.response());
  }

  static RpcMessage requestOf(String rpc) {
    MethodSchema method = Schema.cri().require(rpc);
    return new RpcMessage(method, rpc(method).getInputType(), method.request());
  }

  /** Every message type below requests and responses, those included, but no map entries. */
  static Set<Descriptor> typesBelow() {
    Set<Descriptor> types = new LinkedHashSet<>();
    all().forEach(message -> collect(message.descriptor(), types));
    return types;
  }

  private static void collect(Descriptor type, Set<Descriptor> types) {
    if (!type.getOptions().getMapEntry() && types.add(type)) {
      type.getFields().stream()
          .filter(field -> field.getJavaType() == JavaType.MESSAGE)
          .forEach(field -> collect(field.getMessageType(), types));
    }
  }

  private static MethodDescriptor rpc(MethodSchema method) {
    return CriServices.getDescriptor()
        .findServiceByName(method.service())
        .findMethodByName(method.name());
  }

  /** The paths by which a request may be routed; none in a response. */
  List<FieldPath> singularReferences() {
    return schema.equals(method.request()) ? method.requestPaths(Edits.KINDS) : List.of();
  }

  /** The message, or nothing if protobuf refuses the bytes. */
  Optional<DynamicMessage> parse(ByteString bytes) {
    try {
      return Optional.of(DynamicMessage.parseFrom(descriptor, bytes));
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }

  /** The message of bytes that protobuf is known to accept. */
  DynamicMessage require(ByteString bytes) {
    return parse(bytes).orElseThrow(() -> new AssertionError("protobuf refuses a " + this));
  }

  @Override
  public String toString() {
    return descriptor.getName() + " of " + method.name();
  }
}
