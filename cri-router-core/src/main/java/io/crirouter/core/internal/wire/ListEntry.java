package io.crirouter.core.internal.wire;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/**
 * One entry of a list, of which nothing but the id is read.
 *
 * @param id its id; empty if it has none
 * @param bytes the entry, serialized; a slice of the list
 */
public record ListEntry(String id, ByteString bytes) {
  /**
   * The entries of a list in their order.
   *
   * @param path the repeated message field that holds them, then the fields that lead from an entry
   *     to its id
   */
  public static List<ListEntry> read(ByteString list, int... path)
      throws MalformedMessageException {
    WireCursor cursor = new WireCursor(WireBytes.of(list));
    List<ListEntry> entries = new ArrayList<>();
    while (cursor.next()) {
      if (cursor.field() == path[0] && cursor.type() == WireCursor.LEN) {
        int start = cursor.valueStart();
        int end = cursor.valueEnd();
        int outer = cursor.enter();
        String id = cursor.text(path, 1, "");
        cursor.leave(outer);
        entries.add(new ListEntry(id, WireBytes.slice(cursor.buffer, start, end)));
      }
    }
    return entries;
  }

  /** The integer or enum field of the entry, 0 if absent. */
  public long number(int field) throws MalformedMessageException {
    return WireMessage.numberIn(bytes, field);
  }

  /** The same list with only these of its entries. */
  public static ByteString retain(ByteString list, int itemsField, List<ListEntry> entries)
      throws MalformedMessageException {
    WireWriter shorter = new WireWriter().raw(WireMessage.parse(list).without(itemsField));
    entries.forEach(entry -> shorter.message(itemsField, entry.bytes()));
    return shorter.toByteString();
  }
}
