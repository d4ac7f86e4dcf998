package io.crirouter.proto;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.crirouter.proto.v1.CriMessages;
import io.crirouter.proto.v1.CriServices;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** What the descriptors of runtime.v1 say, also in the form of {@link Fact}s. */
final class Schema {

  static final List<FileDescriptor> FILES =
      List.of(CriServices.getDescriptor(), CriMessages.getDescriptor());

  private Schema() {}

  static Stream<MethodDescriptor> rpcs() {
    return FILES.stream()
        .flatMap(file -> file.getServices().stream())
        .flatMap(service -> service.getMethods().stream());
  }

  /** All fields, save those of map entries. */
  static Stream<FieldDescriptor> fields() {
    return messages().flatMap(message -> message.getFields().stream());
  }

  /** The descriptors as facts, by their keys. */
  static Map<String, Fact> facts() {
    Stream<Fact> rpcs = rpcs().map(Schema::fact);
    Stream<Fact> fields = messages().flatMap(Schema::facts);
    Stream<Fact> values = enums().flatMap(Schema::facts);
    return Fact.byKey(Stream.of(rpcs, fields, values).flatMap(facts -> facts));
  }

  /** Name within runtime.v1, with a dot only for what is nested. */
  static String name(GenericDescriptor descriptor) {
    return descriptor.getFullName().replaceFirst("^runtime\\.v1\\.", "");
  }

  private static Stream<Descriptor> messages() {
    return FILES.stream().flatMap(file -> file.getMessageTypes().stream()).flatMap(Schema::nested);
  }

  private static Stream<Descriptor> nested(Descriptor message) {
    return Stream.concat(
        Stream.of(message),
        message.getNestedTypes().stream()
            .filter(type -> !type.getOptions().getMapEntry())
            .flatMap(Schema::nested));
  }

  private static Stream<EnumDescriptor> enums() {
    return Stream.concat(
        FILES.stream().flatMap(file -> file.getEnumTypes().stream()),
        messages().flatMap(message -> message.getEnumTypes().stream()));
  }

  private static Fact fact(MethodDescriptor rpc) {
    ServiceDescriptor service = rpc.getService();
    return new Fact(
        "rpc",
        name(service),
        rpc.getName(),
        "",
        (rpc.isClientStreaming() ? "stream " : "") + name(rpc.getInputType()),
        (rpc.isServerStreaming() ? "stream " : "") + name(rpc.getOutputType()));
  }

  private static Stream<Fact> facts(Descriptor message) {
    if (message.getFields().isEmpty()) {
      return Stream.of(new Fact("message", name(message), "", "", "", "empty"));
    }
    return message.getFields().stream()
        .map(
            field ->
                new Fact(
                    "field",
                    name(message),
                    field.getName(),
                    Integer.toString(field.getNumber()),
                    type(field),
                    label(field)));
  }

  private static Stream<Fact> facts(EnumDescriptor type) {
    return type.getValues().stream()
        .map(
            value ->
                new Fact(
                    "enum",
                    name(type),
                    value.getName(),
                    Integer.toString(value.getNumber()),
                    "",
                    ""));
  }

  private static String type(FieldDescriptor field) {
    if (field.isMapField()) {
      Descriptor entry = field.getMessageType();
      return "map<%s, %s>"
          .formatted(type(entry.findFieldByNumber(1)), type(entry.findFieldByNumber(2)));
    }
    return switch (field.getJavaType()) {
      case MESSAGE -> name(field.getMessageType());
      case ENUM -> name(field.getEnumType());
      default -> field.getType().name().toLowerCase(Locale.ROOT);
    };
  }

  /** The facts know no other labels: whatever else a field may be shows as a difference. */
  private static String label(FieldDescriptor field) {
    String label = field.isMapField() ? "map" : field.isRepeated() ? "repeated" : "";
    if (field.isPackable() && !field.isPacked()) {
      label += " unpacked";
    }
    if (field.getContainingOneof() != null) {
      label += " oneof";
    }
    if (field.getOptions().getDebugRedact()) {
      label += " redact";
    }
    return label.strip();
  }
}
