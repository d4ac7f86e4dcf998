package io.crirouter.core.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.crirouter.core.CriMethod;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.Route;
import io.crirouter.proto.routing.Routing;
import io.crirouter.proto.routing.RoutingProto;
import io.crirouter.proto.routing.V1Only;
import io.crirouter.proto.v1.CriServices;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the schema from the options that stand beside each rpc and field in {@code proto/}. */
final class DescriptorReader {
  private final Map<Descriptor, MessageSchema> messages = new HashMap<>();

  static Schema readCri() {
    return new DescriptorReader().read(CriServices.getDescriptor());
  }

  Schema read(FileDescriptor file) {
    List<MethodSchema> methods = new ArrayList<>();
    for (ServiceDescriptor service : file.getServices()) {
      for (MethodDescriptor method : service.getMethods()) {
        methods.add(method(method));
      }
    }
    return new Schema(methods);
  }

  private MethodSchema method(MethodDescriptor method) {
    Routing routing = method.getOptions().getExtension(RoutingProto.routing);
    if (routing.getRoute() == Route.ROUTE_UNSPECIFIED) {
      throw new IllegalStateException("rpc " + method.getFullName() + " has no route");
    }
    return new MethodSchema(
        new CriMethod(method.getService().getName(), method.getName(), method.isServerStreaming()),
        routing.getRoute(),
        routing.getMerge(),
        routing.getBudget(),
        routing.getListRpc(),
        message(method.getInputType()),
        message(method.getOutputType()));
  }

  private MessageSchema message(Descriptor type) {
    MessageSchema known = messages.get(type);
    if (known != null) {
      return known;
    }
    MessageSchema message = new MessageSchema(type.getName());
    messages.put(type, message);
    for (FieldDescriptor field : type.getFields()) {
      FieldSchema schema = field(field);
      if (schema != null) {
        message.add(schema);
      }
    }
    return message;
  }

  /** Null for a field that the router never has to look at. */
  private @Nullable FieldSchema field(FieldDescriptor field) {
    Reference reference = field.getOptions().getExtension(RoutingProto.ref);
    V1Only v1Only = field.getOptions().getExtension(RoutingProto.v1Only);
    MessageSchema message =
        field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField()
            ? message(field.getMessageType())
            : null;
    FieldSchema schema =
        new FieldSchema(
            field.getNumber(), field.getName(), field.isRepeated(), reference, v1Only, message);
    boolean matters =
        schema.isReference()
            || v1Only != V1Only.V1_ONLY_UNSPECIFIED
            || (message != null && !message.fields().isEmpty());
    return matters ? schema : null;
  }
}
