package io.crirouter.core.internal.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Pieces of wire format as no serializer would write them. */
final class RawWire {
  static final int VARINT = WireFormat.WIRETYPE_VARINT;
  static final int FIXED64 = WireFormat.WIRETYPE_FIXED64;
  static final int LEN = WireFormat.WIRETYPE_LENGTH_DELIMITED;
  static final int START_GROUP = WireFormat.WIRETYPE_START_GROUP;
  static final int END_GROUP = WireFormat.WIRETYPE_END_GROUP;
  static final int FIXED32 = WireFormat.WIRETYPE_FIXED32;

  private RawWire() {}

  /** A varint in its shortest form. */
  static ByteString varint(long value) {
    return varint(value, 1);
  }

  /** A varint of at least so many bytes. */
  static ByteString varint(long value, int minBytes) {
    ByteString.Output out = ByteString.newOutput(10);
    long rest = value;
    int written = 1;
    while ((rest & ~0x7fL) != 0 || written < minBytes) {
      out.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
      written++;
    }
    out.write((int) rest);
    return out.toByteString();
  }

  static ByteString tag(int field, int wireType) {
    return varint(tagValue(field, wireType));
  }

  static long tagValue(int field, int wireType) {
    return (long) field << 3 | wireType;
  }

  static ByteString number(int field, long value) {
    return tag(field, VARINT).concat(varint(value));
  }

  static ByteString string(int field, String value) {
    return bytes(field, utf8(value));
  }

  static ByteString bytes(int field, ByteString value) {
    return tag(field, LEN).concat(varint(value.size())).concat(value);
  }

  static ByteString group(int field, ByteString content) {
    return tag(field, START_GROUP).concat(content).concat(tag(field, END_GROUP));
  }

  static ByteString utf8(String text) {
    return ByteString.copyFrom(text, StandardCharsets.UTF_8);
  }

  static ByteString concat(ByteString... parts) {
    return ByteString.copyFrom(List.of(parts));
  }

  /** The same bytes in one array of their own. */
  static ByteString inOwnArray(ByteString bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.toByteArray());
  }

  /** The same bytes amid others in a larger array. */
  static ByteString amid(ByteString before, ByteString bytes, ByteString after) {
    ByteString all = inOwnArray(concat(before, bytes, after));
    return all.substring(before.size(), before.size() + bytes.size());
  }

  /** The same bytes, held in any of the ways in which a transport may hand them over. */
  static ByteString heldAnyhow(ByteString bytes, Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> inOwnArray(bytes);
      case 1 -> amid(utf8("before"), bytes, utf8("after"));
      case 2 -> inTwoArrays(bytes, random.nextInt(bytes.size() + 1));
      default -> outsideOfArrays(bytes);
    };
  }

  private static ByteString inTwoArrays(ByteString bytes, int cut) {
    return inOwnArray(bytes.substring(0, cut)).concat(inOwnArray(bytes.substring(cut)));
  }

  private static ByteString outsideOfArrays(ByteString bytes) {
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.size());
    direct.put(bytes.toByteArray()).flip();
    return UnsafeByteOperations.unsafeWrap(direct);
  }
}
