package io.crirouter.testkit;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.crirouter.core.CriMethod;
import io.crirouter.proto.v1.CriServices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes a valid response malformed by appending to it. A parser reads the addition as one more
 * field, or as one more item of a list. Only a parser that reads nested messages detects it.
 */
final class MalformedAnswers {
  /** A tag with field number 0 and wire type 7. Neither is valid. */
  private static final ByteString INVALID_TAG = bytes(0x07);

  /** A length-delimited field of 127 bytes without the bytes. */
  private static final ByteString TRUNCATED_FIELD = bytes(0x0a, 0x7f);

  /** Two bytes that no UTF-8 text contains. */
  private static final ByteString INVALID_UTF_8 = bytes(0xff, 0xfe);

  private static final int LENGTH_DELIMITED = 2;
  private static final int WIRE_TYPE_BITS = 3;

  /** Far deeper than any message of CRI. */
  private static final int MAX_DEPTH = 16;

  private MalformedAnswers() {}

  private static ByteString bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return ByteString.copyFrom(bytes);
  }

  /** An invalid tag in the innermost message of the first field, or at the end if there is none. */
  static ByteString garbled(CriMethod method, ByteString answer) {
    List<FieldDescriptor> path = innermostMessage(responseType(method), 0);
    return answer.concat(nested(path, INVALID_TAG));
  }

  /** A response that ends in the middle of a field. */
  static ByteString truncated(ByteString answer) {
    return answer.concat(TRUNCATED_FIELD);
  }

  /** Whether responses of this rpc contain a string field. */
  static boolean hasText(CriMethod method) {
    return innermostText(responseType(method), 0).isPresent();
  }

  /**
   * A response with invalid UTF-8 in the innermost message that has a string field.
   *
   * @throws IllegalArgumentException if responses of this rpc have no string field
   */
  static ByteString withBadText(CriMethod method, ByteString answer) {
    List<FieldDescriptor> path =
        innermostText(responseType(method), 0)
            .orElseThrow(
                () ->
                    new IllegalArgumentException("answers of " + method.name() + " have no text"));
    return answer.concat(nested(path, INVALID_UTF_8));
  }

  private static Descriptor responseType(CriMethod method) {
    for (ServiceDescriptor service : CriServices.getDescriptor().getServices()) {
      MethodDescriptor rpc = service.findMethodByName(method.name());
      if (rpc != null) {
        return rpc.getOutputType();
      }
    }
    throw new IllegalArgumentException("CRI v1 has no rpc " + method.name());
  }

  /** Encodes {@code content} as the value of the last field of a path of nested fields. */
  private static ByteString nested(List<FieldDescriptor> path, ByteString content) {
    ByteString bytes = content;
    for (int i = path.size() - 1; i >= 0; i--) {
      bytes = field(path.get(i).getNumber(), bytes);
    }
    return bytes;
  }

  /** A length-delimited field. */
  static ByteString field(int number, ByteString content) {
    return varint((number << WIRE_TYPE_BITS) | LENGTH_DELIMITED)
        .concat(varint(content.size()))
        .concat(content);
  }

  private static ByteString varint(int value) {
    ByteString.Output out = ByteString.newOutput();
    int rest = value;
    while (rest >>> 7 != 0) {
      out.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
    return out.toByteString();
  }

  private static List<FieldDescriptor> innermostMessage(Descriptor type, int depth) {
    return messages(type, depth).stream()
        .findFirst()
        .map(first -> join(first, innermostMessage(first.getMessageType(), depth + 1)))
        .orElse(List.of());
  }

  private static Optional<List<FieldDescriptor>> innermostText(Descriptor type, int depth) {
    for (FieldDescriptor message : messages(type, depth)) {
      Optional<List<FieldDescriptor>> inside = innermostText(message.getMessageType(), depth + 1);
      if (inside.isPresent()) {
        return inside.map(path -> join(message, path));
      }
    }
    return type.getFields().stream()
        .filter(field -> field.getJavaType() == FieldDescriptor.JavaType.STRING)
        .findFirst()
        .map(List::of);
  }

  private static List<FieldDescriptor> messages(Descriptor type, int depth) {
    return depth == MAX_DEPTH
        ? List.of()
        : type.getFields().stream()
            .filter(field -> field.getJavaType() == FieldDescriptor.JavaType.MESSAGE)
            .filter(field -> !field.isMapField())
            .toList();
  }

  private static List<FieldDescriptor> join(FieldDescriptor first, List<FieldDescriptor> rest) {
    List<FieldDescriptor> path = new ArrayList<>(rest);
    path.add(0, first);
    return path;
  }
}
