package io.crirouter.testkit;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.RoutingProto;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.PodSandboxConfig;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the subject of a request with the routing options of its fields. */
final class Subjects {
  private static final Set<Reference> IDS =
      EnumSet.of(Reference.POD_SANDBOX_ID, Reference.CONTAINER_ID, Reference.IMAGE_REF);

  private Subjects() {}

  /** The first id or image name of a request, or its pod's name; empty if it has neither. */
  static String of(RecordedCall call) {
    Optional<Message> request = parsed(call);
    return request
        .flatMap(Subjects::idIn)
        .or(() -> request.flatMap(Subjects::podIn).map(pod -> pod.getMetadata().getName()))
        .orElse("");
  }

  /** The config of the pod in the request. */
  static Optional<PodSandboxConfig> podOf(RecordedCall call) {
    return parsed(call).flatMap(Subjects::podIn);
  }

  private static Optional<Message> parsed(RecordedCall call) {
    try {
      return Optional.of(call.request());
    } catch (AssertionError malformed) {
      return Optional.empty();
    }
  }

  private static Optional<String> idIn(Message message) {
    for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
      FieldDescriptor descriptor = field.getKey();
      if (IDS.contains(descriptor.getOptions().getExtension(RoutingProto.ref))
          && !descriptor.isRepeated()) {
        return Optional.of(String.valueOf(field.getValue()));
      }
      if (field.getValue() instanceof ImageSpec image) {
        return Optional.of(image.getImage()).filter(name -> !name.isEmpty());
      }
    }
    return Optional.empty();
  }

  private static Optional<PodSandboxConfig> podIn(Message message) {
    return message.getAllFields().values().stream()
        .filter(PodSandboxConfig.class::isInstance)
        .map(PodSandboxConfig.class::cast)
        .findFirst();
  }
}
