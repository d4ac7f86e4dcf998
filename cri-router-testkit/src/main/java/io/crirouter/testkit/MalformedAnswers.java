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
 * Makes a right answer wrong by adding to its end: for a parser that is one more field, or one more
 * item of a list. Whoever does not look into what was added does not notice.
 */
final class MalformedAnswers {
  /** A field number of 0 with the wire type 7: neither exists. */
  private static final ByteString NO_SUCH_WIRE_TYPE = bytes(0x07);

  /** Announces 127 bytes, of which none follow. */
  private static final ByteString CUT_SHORT = bytes(0x0a, 0x7f);

  /** Two bytes that occur in no UTF-8 text. */
  private static final ByteString NO_UTF_8 = bytes(0xff, 0xfe);

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

  /** Garbage in the innermost message of its first field; at its end if it holds no messages. */
  static ByteString garbled(CriMethod method, ByteString answer) {
    List<FieldDescriptor> path = innermostMessage(answerType(method), 0);
    return answer.concat(nested(path, NO_SUCH_WIRE_TYPE));
  }

  /** An answer that ends in the middle of a field. */
  static ByteString truncated(ByteString answer) {
    return answer.concat(CUT_SHORT);
  }

  /** Whether there is a text in answers of this rpc. */
  static boolean haveText(CriMethod method) {
    return innermostText(answerType(method), 0).isPresent();
  }

  /**
   * A text that is no UTF-8, in the innermost message that has one.
   *
   * @throws IllegalArgumentException if answers of this rpc have no text
   */
  static ByteString withBadText(CriMethod method, ByteString answer) {
    List<FieldDescriptor> path =
        innermostText(answerType(method), 0)
            .orElseThrow(
                () ->
                    new IllegalArgumentException("answers of " + method.name() + " have no text"));
    return answer.concat(nested(path, NO_UTF_8));
  }

  private static Descriptor answerType(CriMethod method) {
    for (ServiceDescriptor service : CriServices.getDescriptor().getServices()) {
      MethodDescriptor rpc = service.findMethodByName(method.name());
      if (rpc != null) {
        return rpc.getOutputType();
      }
    }
    throw new IllegalArgumentException("CRI v1 has no rpc " + method.name());
  }

  /**
   * {@code content} as the value of the last of these fields, each of which is in the one before.
   */
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
