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
   * @param itemsField the repeated message field that holds them
   * @param idField the string field of an entry that holds its id
   */
  public static List<ListEntry> read(ByteString list, int itemsField, int idField)
      throws MalformedMessageException {
    WireCursor cursor = new WireCursor(WireBytes.of(list));
    List<ListEntry> entries = new ArrayList<>();
    while (cursor.next()) {
      if (cursor.field() == itemsField && cursor.type() == WireCursor.LEN) {
        int start = cursor.valueStart();
        int end = cursor.valueEnd();
        int outer = cursor.enter();
        String id = lastText(cursor, idField);
        cursor.leave(outer);
        entries.add(new ListEntry(id, WireBytes.slice(cursor.buffer, start, end)));
      }
    }
    return entries;
  }

  /** The integer or enum field of the entry, 0 if absent. */
  public long number(int field) throws MalformedMessageException {
    WireCursor cursor = new WireCursor(WireBytes.of(bytes));
    long number = 0;
    while (cursor.next()) {
      if (cursor.field() == field && cursor.type() == WireCursor.VARINT) {
        number = cursor.varint();
      }
    }
    return number;
  }

  /** Of several values the last one counts, as for every parser. */
  private static String lastText(WireCursor cursor, int field) throws MalformedMessageException {
    int start = 0;
    int end = 0;
    while (cursor.next()) {
      if (cursor.field() == field && cursor.type() == WireCursor.LEN) {
        start = cursor.valueStart();
        end = cursor.valueEnd();
      }
    }
    return WireBytes.text(cursor.buffer, start, end);
  }
}
