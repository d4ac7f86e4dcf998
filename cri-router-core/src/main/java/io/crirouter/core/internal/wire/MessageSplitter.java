package io.crirouter.core.internal.wire;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/** Splits a long list into several messages of the same type, as the {@code Stream*} rpcs do. */
public final class MessageSplitter {
  private MessageSplitter() {}

  /**
   * Splits {@code message} between its fields, without a copy, into pieces of at most {@code
   * maxBytes} as long as no single field is larger. An empty message gives no piece.
   *
   * @throws MalformedMessageException if it is not a protobuf message
   */
  public static List<ByteString> split(ByteString message, int maxBytes)
      throws MalformedMessageException {
    if (message.size() <= maxBytes) {
      return message.isEmpty() ? List.of() : List.of(message);
    }
    WireBytes bytes = WireBytes.of(message);
    WireCursor cursor = new WireCursor(bytes);
    List<ByteString> pieces = new ArrayList<>();
    int start = bytes.start();
    while (cursor.next()) {
      boolean full = cursor.valueEnd() - start > maxBytes && cursor.tagStart() > start;
      if (full) {
        pieces.add(WireBytes.slice(bytes.array(), start, cursor.tagStart()));
        start = cursor.tagStart();
      }
    }
    pieces.add(WireBytes.slice(bytes.array(), start, bytes.end()));
    return pieces;
  }
}
