package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.PodSandbox;

/** Ways in which the answer to a list can be wrong on the wire. */
enum MalformedList {
  /** The message says that more follows than there is. */
  TRUNCATED,
  /** The items can be told apart, but a message in one of them cannot be read. */
  NESTED,
  /** An id that is no text. */
  INVALID_UTF8;

  private static final ByteString NO_TEXT =
      ByteString.copyFrom(new byte[] {(byte) 0xff, (byte) 0xfe});
  private static final int ID = PodSandbox.ID_FIELD_NUMBER;

  /** An answer to a list of {@code kind}, whose items are its field 1 for every kind. */
  ByteString answer(ListRpc.Kind kind) {
    return switch (this) {
      case TRUNCATED -> ByteString.copyFrom(new byte[] {tag(1), 0x7f, 0x01});
      case NESTED -> field(1, field(ID, "half").concat(field(nestedMessage(kind), NO_TEXT)));
      case INVALID_UTF8 -> field(1, field(ID, NO_TEXT));
    };
  }

  private static int nestedMessage(ListRpc.Kind kind) {
    return switch (kind) {
      case POD_SANDBOX -> PodSandbox.METADATA_FIELD_NUMBER;
      case CONTAINER -> Container.METADATA_FIELD_NUMBER;
      case IMAGE -> Image.UID_FIELD_NUMBER;
    };
  }

  /** A field of bytes, text or a message; its length must be below 128. */
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
