package io.crirouter.examples.criproxy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.RoutingProto;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.CriServices;
import io.crirouter.proto.v1.PodSandboxMetadata;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Requests with a secret in every field except those that may be shown: references, and the names
 * of pods and containers.
 */
final class SecretRequests {
  private static final int MAX_DEPTH = 12;

  private static final Set<String> SHOWN =
      Set.of(
          PodSandboxMetadata.getDescriptor().getFullName(),
          ContainerMetadata.getDescriptor().getFullName());

  /** Status messages of runtimes are shown, and the fake runtime's contain this path. */
  private static final String QUOTED = "runtime.v1.RestorePodRequest.checkpoint_path";

  private final String secret;
  private final Map<Reference, String> references;
  private final Set<String> planted = new TreeSet<>();

  /**
   * Requests with {@code secret}.
   *
   * @param references the ids that they refer to
   */
  SecretRequests(String secret, Map<Reference, String> references) {
    this.secret = secret;
    this.references = references;
  }

  /** Every rpc of CRI. */
  static List<MethodDescriptor> rpcs() {
    return CriServices.getDescriptor().getServices().stream()
        .flatMap(service -> service.getMethods().stream())
        .toList();
  }

  /** A request of a type. */
  Message of(Descriptor type) {
    return message(type, 0);
  }

  /** The fields that have the secret, as TYPE.FIELD. */
  Set<String> planted() {
    return planted;
  }

  private Message message(Descriptor type, int depth) {
    DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
    for (FieldDescriptor field : type.getFields()) {
      if (field.getContainingOneof() != null && !message.getAllFields().isEmpty()) {
        continue;
      }
      Object value = value(type, field, depth);
      if (value != null && field.isRepeated()) {
        message.addRepeatedField(field, value);
      } else if (value != null) {
        message.setField(field, value);
      }
    }
    return message.build();
  }

  private Object value(Descriptor type, FieldDescriptor field, int depth) {
    return switch (field.getJavaType()) {
      case STRING -> text(type, field);
      case BYTE_STRING -> ByteString.copyFromUtf8(plant(type, field));
      case MESSAGE -> depth == MAX_DEPTH ? null : message(field.getMessageType(), depth + 1);
      default -> null;
    };
  }

  private String text(Descriptor type, FieldDescriptor field) {
    String reference = references.get(field.getOptions().getExtension(RoutingProto.ref));
    if (reference != null) {
      return reference;
    }
    boolean isShown = SHOWN.contains(type.getFullName()) || field.getFullName().equals(QUOTED);
    return isShown ? "shown" : plant(type, field);
  }

  private String plant(Descriptor type, FieldDescriptor field) {
    planted.add(type.getName() + "." + field.getName());
    return secret;
  }
}
