package io.crirouter.core.internal.wire;

import com.google.common.base.Utf8;
import com.google.protobuf.ByteString;
import io.crirouter.core.internal.schema.FieldSchema;
import io.crirouter.core.internal.schema.MessageSchema;

/**
 * Checks that every protobuf parser accepts a message: fields and nested messages end where they
 * should, and strings are UTF-8. Responses are checked before they are merged, because a client
 * rejects a whole response for one bad byte.
 */
public final class WellFormed {
  private static final int MAP_KEY = 1;
  private static final int MAP_VALUE = 2;

  private WellFormed() {}

  /**
   * Checks a message of an rpc whose responses are merged.
   *
   * @throws MalformedMessageException if a parser could reject it
   */
  public static void require(ByteString message, MessageSchema type)
      throws MalformedMessageException {
    check(new WireCursor(WireBytes.of(message)), type);
  }

  private static void check(WireCursor cursor, MessageSchema type)
      throws MalformedMessageException {
    while (cursor.next()) {
      FieldSchema field = cursor.type() == WireCursor.LEN ? type.field(cursor.field()) : null;
      if (field != null) {
        check(cursor, field);
      }
    }
  }

  private static void check(WireCursor cursor, FieldSchema field) throws MalformedMessageException {
    MessageSchema message = field.message();
    if (field.type() == FieldSchema.Type.STRING) {
      requireText(cursor);
    } else if (field.type() == FieldSchema.Type.INTEGERS) {
      cursor.requirePackedIntegers();
    } else if (field.type() == FieldSchema.Type.STRING_MAP) {
      int outer = enter(cursor);
      checkEntry(cursor);
      leave(cursor, outer);
    } else if (message != null) {
      int outer = enter(cursor);
      check(cursor, message);
      leave(cursor, outer);
    }
  }

  /** Parsers have one limit for messages and groups within each other. */
  private static int enter(WireCursor cursor) {
    cursor.maxGroups--;
    return cursor.enter();
  }

  private static void leave(WireCursor cursor, int outer) {
    cursor.maxGroups++;
    cursor.leave(outer);
  }

  private static void checkEntry(WireCursor cursor) throws MalformedMessageException {
    while (cursor.next()) {
      boolean isText = cursor.field() == MAP_KEY || cursor.field() == MAP_VALUE;
      if (isText && cursor.type() == WireCursor.LEN) {
        requireText(cursor);
      }
    }
  }

  private static void requireText(WireCursor cursor) throws MalformedMessageException {
    int start = cursor.valueStart();
    if (!Utf8.isWellFormed(cursor.buffer, start, cursor.valueEnd() - start)) {
      throw cursor.malformed("text that is not UTF-8");
    }
  }
}
