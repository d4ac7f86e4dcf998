package io.crirouter.core.internal.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds a message of long values without copying them. For short values {@link WireWriter} is the
 * better choice. Not thread-safe.
 */
public final class MessageRope {
  private static final int MAX_HEADER_BYTES = 10;

  private final List<ByteString> parts = new ArrayList<>();

  /** Fields that are serialized already. */
  public MessageRope raw(ByteString fields) {
    parts.add(fields);
    return this;
  }

  /** A bytes or message field (or one of several), present even if empty. */
  public MessageRope message(int field, ByteString value) {
    byte[] header = new byte[MAX_HEADER_BYTES];
    CodedOutputStream out = CodedOutputStream.newInstance(header);
    try {
      out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(value.size());
    } catch (IOException e) {
      throw new UncheckedIOException("memory does no I/O", e);
    }
    parts.add(WireBytes.slice(header, 0, out.getTotalBytesWritten()));
    parts.add(value);
    return this;
  }

  /** The message so far. */
  public ByteString toByteString() {
    return ByteString.copyFrom(parts);
  }
}
