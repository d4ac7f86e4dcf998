package io.crirouter.core.internal.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.crirouter.core.internal.wire.WireWriter;

/** A repeated field of a message that takes no more than a number of bytes. Not thread-safe. */
final class Section {
  private final WireWriter message;
  private final int field;
  private int room;

  /**
   * @param bytes what all elements may take together
   */
  Section(WireWriter message, int field, int bytes) {
    this.message = message;
    this.field = field;
    this.room = bytes;
  }

  /** Adds an element; false if there is no room for it. */
  boolean add(ByteString element) {
    int bytes = CodedOutputStream.computeBytesSize(field, element);
    if (bytes > room) {
      return false;
    }
    room -= bytes;
    message.message(field, element);
    return true;
  }

  /** Adds an entry of a {@code map<string, string>}; false if there is no room for it. */
  boolean add(String key, String value) {
    return value.length() <= room && add(WireWriter.mapEntry(key, value));
  }
}
