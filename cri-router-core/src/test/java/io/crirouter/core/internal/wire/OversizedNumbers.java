package io.crirouter.core.internal.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Finds what protobuf-java accepts and {@link WireCursor} refuses: tags and lengths of more than 32
 * bits, which protobuf-java cuts off, and values the tenth byte of which says that an eleventh
 * follows, where protobuf-java 4.36 stops. Go's protobuf refuses all of them; code by gogo, of
 * which many runtimes are made, cuts tags off at another bit, so that a reader must not guess.
 */
final class OversizedNumbers {
  private OversizedNumbers() {}

  /** Whether one occurs, at any depth, in bytes that protobuf-java accepts. */
  static boolean occurIn(ByteString message, Descriptor type) {
    try {
      return occurIn(message.newCodedInput(), type, 0);
    } catch (IOException e) {
      throw new AssertionError("protobuf accepts what it cannot read", e);
    }
  }

  private static boolean occurIn(CodedInputStream in, @Nullable Descriptor type, int group)
      throws IOException {
    while (!in.isAtEnd()) {
      long tag = in.readRawVarint64();
      if (isOversized(tag)) {
        return true;
      }
      int number = WireFormat.getTagFieldNumber((int) tag);
      int wireType = WireFormat.getTagWireType((int) tag);
      if (wireType == RawWire.END_GROUP && number == group) {
        return false;
      }
      FieldDescriptor field = type == null ? null : type.findFieldByNumber(number);
      if (occurInValue(in, field, number, wireType)) {
        return true;
      }
    }
    return false;
  }

  private static boolean occurInValue(
      CodedInputStream in, @Nullable FieldDescriptor field, int number, int wireType)
      throws IOException {
    if (wireType == RawWire.START_GROUP) {
      return occurIn(in, null, number);
    }
    if (wireType == RawWire.VARINT) {
      return hasNoEnd(in);
    }
    if (wireType != RawWire.LEN) {
      in.skipField((int) RawWire.tagValue(number, wireType));
      return false;
    }
    long length = in.readRawVarint64();
    if (isOversized(length)) {
      return true;
    }
    CodedInputStream value = ByteString.copyFrom(in.readRawBytes((int) length)).newCodedInput();
    if (field == null) {
      return false;
    }
    return field.getJavaType() == JavaType.MESSAGE
        ? occurIn(value, field.getMessageType(), 0)
        : isPackable(field) && occursInPacked(value);
  }

  private static boolean isPackable(FieldDescriptor field) {
    return field.isRepeated() && field.getLiteType().getWireType() == RawWire.VARINT;
  }

  private static boolean occursInPacked(CodedInputStream values) throws IOException {
    while (!values.isAtEnd()) {
      if (hasNoEnd(values)) {
        return true;
      }
    }
    return false;
  }

  /** Reads a number of at most ten bytes. */
  private static boolean hasNoEnd(CodedInputStream in) throws IOException {
    for (int i = 0; i < 10; i++) {
      if (in.readRawByte() >= 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isOversized(long number) {
    return number >>> 32 != 0;
  }
}
