package io.crirouter.testkit.router;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Message;
import io.crirouter.proto.routing.RoutingProto;
import io.crirouter.proto.routing.V1Only;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rpcs and fields of v1alpha2, from a table, independently of the router. */
final class V1Alpha2Schema {
  private static final Path FACTS = Path.of("../proto/src/test/resources/cri/v1alpha2.tsv");
  private static final Set<String> NAMES = names();

  private V1Alpha2Schema() {}

  private static Set<String> names() {
    try (Stream<String> lines = Files.lines(FACTS)) {
      return lines
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t", -1))
          .map(columns -> columns[1] + "." + columns[2])
          .collect(Collectors.toUnmodifiableSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static boolean has(MethodDescriptor rpc) {
    return NAMES.contains(rpc.getService().getName() + "." + rpc.getName());
  }

  static boolean has(FieldDescriptor field) {
    return field.getContainingType().getOptions().getMapEntry() || NAMES.contains(name(field));
  }

  /** The name of a field with the name of its message. */
  static String name(FieldDescriptor field) {
    String message = field.getContainingType().getFullName().replaceFirst("^runtime\\.v1\\.", "");
    return message + "." + field.getName();
  }

  /** Whether the field is silently removed from a request for an old runtime. */
  static boolean isLeftOut(FieldDescriptor field) {
    return field.getOptions().getExtension(RoutingProto.v1Only) == V1Only.DROP;
  }

  /** Whether a request for an old runtime may contain the field. */
  static boolean mayBeSent(FieldDescriptor field) {
    return has(field) || isLeftOut(field);
  }

  /**
   * A field of a request that v1alpha2 cannot express.
   *
   * @param path the path of the field, ending with itself
   */
  record UnsupportedField(MethodDescriptor rpc, List<FieldDescriptor> path) {
    /** The request with the field set, in the first item of repeated fields. */
    Message addTo(Message request) {
      return add(request, 0);
    }

    private Message add(Message message, int depth) {
      FieldDescriptor field = path.get(depth);
      Message.Builder builder = message.toBuilder();
      if (depth == path.size() - 1) {
        Message donor = SampleMessages.ofPrimary(false).fill(field.getContainingType());
        return builder.setField(field, donor.getField(field)).build();
      }
      if (field.isRepeated()) {
        Message first = (Message) message.getRepeatedField(field, 0);
        return builder.setRepeatedField(field, 0, add(first, depth + 1)).build();
      }
      return builder.setField(field, add((Message) message.getField(field), depth + 1)).build();
    }

    FieldDescriptor field() {
      return path.get(path.size() - 1);
    }

    @Override
    public String toString() {
      return rpc.getName()
          + " "
          + path.stream().map(FieldDescriptor::getName).collect(Collectors.joining("."));
    }
  }

  /** All fields of {@code rpc} that v1alpha2 cannot express. */
  static List<UnsupportedField> unsupportedFields(MethodDescriptor rpc) {
    List<UnsupportedField> found = new ArrayList<>();
    collect(rpc, rpc.getInputType(), List.of(), found);
    return found;
  }

  private static void collect(
      MethodDescriptor rpc,
      Descriptor type,
      List<FieldDescriptor> above,
      List<UnsupportedField> found) {
    for (FieldDescriptor field : type.getFields()) {
      List<FieldDescriptor> path = new ArrayList<>(above);
      path.add(field);
      if (!mayBeSent(field)) {
        found.add(new UnsupportedField(rpc, path));
      } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField()) {
        collect(rpc, field.getMessageType(), path, found);
      }
    }
  }
}
