package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.PodSandbox;

/** Malformed responses of a list. */
enum MalformedList {
  /** A length exceeds the message. */
  TRUNCATED,
  /** A nested message of an item is malformed. */
  NESTED,
  /** An id is not valid UTF-8. */
  INVALID_UTF8;

  private static final ByteString INVALID_UTF_8_BYTES =
      ByteString.copyFrom(new byte[] {(byte) 0xff, (byte) 0xfe});
  private static final int ID = PodSandbox.ID_FIELD_NUMBER;

  /** The response of a list of {@code kind}. Items are field 1 of all kinds. */
  ByteString answer(ListRpc.Kind kind) {
    return switch (this) {
      case TRUNCATED -> ByteString.copyFrom(new byte[] {tag(1), 0x7f, 0x01});
      case NESTED ->
          field(1, field(ID, "half").concat(field(nestedMessage(kind), INVALID_UTF_8_BYTES)));
      case INVALID_UTF8 -> field(1, field(ID, INVALID_UTF_8_BYTES));
    };
  }

  private static int nestedMessage(ListRpc.Kind kind) {
    return switch (kind) {
      case POD_SANDBOX -> PodSandbox.METADATA_FIELD_NUMBER;
      case CONTAINER -> Container.METADATA_FIELD_NUMBER;
      case IMAGE -> Image.UID_FIELD_NUMBER;
    };
  }

  /** A length-delimited field. The length must be below 128. */
  static ByteString field(int number, ByteString content) {
    return ByteString.copyFrom(new byte[] {tag(number), (byte) content.size()}).concat(content);
  }

  static ByteString field(int number, String content) {
    return field(number, ByteString.copyFromUtf8(content));
  }

  private static byte tag(int number) {
    return (byte) (number << 3 | 2);
  }
}
