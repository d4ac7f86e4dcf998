package io.crirouter.core.internal.schema;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.crirouter.proto.routing.Merge;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.Route;
import io.crirouter.proto.routing.Routing;
import io.crirouter.proto.routing.RoutingProto;
import io.crirouter.proto.routing.V1Only;
import io.crirouter.proto.v1.CriServices;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the schema from the options that stand beside each rpc and field in {@code proto/}. */
final class DescriptorReader {
  private final Map<Descriptor, MessageSchema> messages = new HashMap<>();

  /** The types in answers of which several become one: all of them has to be well-formed. */
  private final Set<Descriptor> merged = new HashSet<>();

  static Schema readCri() {
    return new DescriptorReader().read(CriServices.getDescriptor());
  }

  Schema read(FileDescriptor file) {
    List<MethodSchema> methods = new ArrayList<>();
    file.getServices().forEach(this::collectMerged);
    for (ServiceDescriptor service : file.getServices()) {
      for (MethodDescriptor method : service.getMethods()) {
        methods.add(method(method));
      }
    }
    return new Schema(methods);
  }

  private void collectMerged(ServiceDescriptor service) {
    for (MethodDescriptor method : service.getMethods()) {
      Routing routing = method.getOptions().getExtension(RoutingProto.routing);
      if (routing.getMerge() != Merge.MERGE_UNSPECIFIED) {
        collectMerged(method.getOutputType());
      }
    }
  }

  private void collectMerged(Descriptor type) {
    if (merged.add(type)) {
      for (FieldDescriptor field : type.getFields()) {
        if (isMessage(field)) {
          collectMerged(field.getMessageType());
        }
      }
    }
  }

  private static boolean isMessage(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField();
  }

  private MethodSchema method(MethodDescriptor method) {
    Routing routing = method.getOptions().getExtension(RoutingProto.routing);
    if (routing.getRoute() == Route.ROUTE_UNSPECIFIED) {
      throw new IllegalStateException("rpc " + method.getFullName() + " has no route");
    }
    return new MethodSchema(
        method.getService().getName(),
        method.getName(),
        method.isServerStreaming(),
        routing.getRoute(),
        routing.getMerge(),
        routing.getBudget(),
        routing.getListRpc(),
        routing.getEffect(),
        routing.getSubstitute(),
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
    MessageSchema message = isMessage(field) ? message(field.getMessageType()) : null;
    FieldSchema schema =
        new FieldSchema(
            field.getNumber(),
            field.getName(),
            field.isRepeated(),
            reference,
            v1Only,
            type(field),
            message);
    boolean isMerged =
        merged.contains(field.getContainingType()) && schema.type() != FieldSchema.Type.OTHER;
    boolean matters =
        schema.isReference()
            || isMerged
            || v1Only != V1Only.V1_ONLY_UNSPECIFIED
            || (message != null && !message.fields().isEmpty());
    return matters ? schema : null;
  }

  private static FieldSchema.Type type(FieldDescriptor field) {
    if (isMessage(field)) {
      return FieldSchema.Type.MESSAGE;
    }
    if (field.isMapField()) {
      return FieldSchema.Type.STRING_MAP;
    }
    if (field.isPackable()) {
      return integers(field);
    }
    return field.getJavaType() == FieldDescriptor.JavaType.STRING
        ? FieldSchema.Type.STRING
        : FieldSchema.Type.OTHER;
  }

  private static FieldSchema.Type integers(FieldDescriptor field) {
    return switch (field.getType()) {
      case INT32, INT64, UINT32, UINT64, SINT32, SINT64, BOOL, ENUM -> FieldSchema.Type.INTEGERS;
      default -> throw new IllegalStateException(field + " is packed in a way that is not checked");
    };
  }
}
