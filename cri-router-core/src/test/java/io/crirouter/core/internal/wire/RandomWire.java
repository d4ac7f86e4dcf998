package io.crirouter.core.internal.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.WireFormat;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes random messages of a type straight to the wire, all valid and wilder than what any
 * serializer writes: fields in any order, singular ones several times, numbers and lengths longer
 * than need be, packed and not, unknown fields and groups, and fields of an unexpected wire type.
 */
final class RandomWire {
  /** Some of the strings start with it. */
  static final String PREFIX = "alt__";

  private static final int MAX_FIELD = (1 << 29) - 1;
  private static final int[] LENGTHS_AT_A_BORDER = {127, 16383};
  private static final String[] CHARACTERS = {"a", "7", "/", "_", "é", "語", "\uD83D\uDE00"};

  private final Random random;
  private final Predicate<FieldDescriptor> wanted;

  /** Messages that may have any field. */
  RandomWire(Random random) {
    this(random, field -> true);
  }

  /** Messages that have no other fields, at any depth, than the wanted ones. */
  RandomWire(Random random, Predicate<FieldDescriptor> wanted) {
    this.random = random;
    this.wanted = wanted;
  }

  ByteString message(Descriptor type) {
    List<ByteString> occurrences = new ArrayList<>();
    for (FieldDescriptor field : type.getFields()) {
      if (wanted.test(field) && random.nextBoolean()) {
        int count = occurrences(field);
        for (int i = 0; i < count; i++) {
          occurrences.add(occurrence(field));
        }
      }
    }
    if (random.nextInt(4) == 0) {
      occurrences.add(unknown(unusedNumber(type), 0));
    }
    if (random.nextInt(8) == 0) {
      ofUnexpectedWireType(type, occurrences);
    }
    Collections.shuffle(occurrences, random);
    return ByteString.copyFrom(occurrences);
  }

  /** Text that is empty, short, or of a length near that at which lengths take a byte more. */
  String text() {
    int form = random.nextInt(300);
    if (form < 50) {
      return "";
    }
    String start = form < 150 ? PREFIX : "";
    if (form >= 293) {
      int border = LENGTHS_AT_A_BORDER[form == 299 ? 1 : 0];
      return start + "x".repeat(border - 12 + random.nextInt(20));
    }
    return start
        + IntStream.range(0, random.nextInt(8))
            .mapToObj(i -> CHARACTERS[random.nextInt(CHARACTERS.length)])
            .collect(Collectors.joining());
  }

  private int occurrences(FieldDescriptor field) {
    if (field.isRepeated()) {
      return random.nextInt(4);
    }
    return random.nextInt(8) == 0 ? 2 + random.nextInt(2) : 1;
  }

  private ByteString occurrence(FieldDescriptor field) {
    if (field.isPackable() && random.nextBoolean()) {
      ByteString values = scalar(field).concat(scalar(field));
      return delimited(field.getNumber(), values);
    }
    return switch (field.getType()) {
      case STRING -> delimited(field.getNumber(), RawWire.utf8(text()));
      case BYTES -> delimited(field.getNumber(), noise(random.nextInt(10)));
      case MESSAGE -> delimited(field.getNumber(), message(field.getMessageType()));
      default -> tag(field.getNumber(), wireType(field)).concat(scalar(field));
    };
  }

  private ByteString scalar(FieldDescriptor field) {
    return switch (wireType(field)) {
      case RawWire.VARINT -> varint(number(field));
      case RawWire.FIXED32 -> noise(4);
      case RawWire.FIXED64 -> noise(8);
      default -> throw new IllegalStateException("no scalar: " + field);
    };
  }

  private long number(FieldDescriptor field) {
    if (field.getJavaType() == JavaType.ENUM && random.nextBoolean()) {
      return random.nextInt(field.getEnumType().getValues().size());
    }
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(2);
      case 1 -> random.nextInt();
      case 2 -> random.nextLong();
      default -> random.nextInt(300);
    };
  }

  private int unusedNumber(Descriptor type) {
    int number = random.nextBoolean() ? 1 + random.nextInt(40) : 1 + random.nextInt(MAX_FIELD);
    return type.findFieldByNumber(number) == null ? number : unusedNumber(type);
  }

  /** A known number with a wire type that its field does not have: protobuf calls it unknown. */
  private void ofUnexpectedWireType(Descriptor type, List<ByteString> occurrences) {
    List<FieldDescriptor> fields = type.getFields().stream().filter(wanted).toList();
    if (fields.isEmpty()) {
      return;
    }
    FieldDescriptor field = fields.get(random.nextInt(fields.size()));
    ByteString stray = unknown(field.getNumber(), 0);
    int strayType = WireFormat.getTagWireType(stray.byteAt(0));
    boolean expected =
        strayType == wireType(field) || (strayType == RawWire.LEN && field.isPackable());
    if (!expected) {
      occurrences.add(stray);
    }
  }

  private ByteString unknown(int field, int depth) {
    return switch (random.nextInt(depth < 3 ? 5 : 4)) {
      case 0 -> tag(field, RawWire.VARINT).concat(varint(random.nextLong()));
      case 1 -> tag(field, RawWire.FIXED32).concat(noise(4));
      case 2 -> tag(field, RawWire.FIXED64).concat(noise(8));
      case 3 -> delimited(field, noise(random.nextInt(12)));
      default -> {
        ByteString content = ByteString.EMPTY;
        for (int i = random.nextInt(3); i > 0; i--) {
          content = content.concat(unknown(1 + random.nextInt(20), depth + 1));
        }
        yield RawWire.group(field, content);
      }
    };
  }

  private ByteString noise(int size) {
    byte[] noise = new byte[size];
    random.nextBytes(noise);
    return ByteString.copyFrom(noise);
  }

  private ByteString delimited(int field, ByteString value) {
    return RawWire.concat(tag(field, RawWire.LEN), varint(value.size()), value);
  }

  private ByteString tag(int field, int wireType) {
    return varint(RawWire.tagValue(field, wireType));
  }

  /** Now and then longer than need be. */
  private ByteString varint(long value) {
    return RawWire.varint(value, random.nextInt(20) == 0 ? 1 + random.nextInt(10) : 1);
  }

  private static int wireType(FieldDescriptor field) {
    return field.getLiteType().getWireType();
  }
}
