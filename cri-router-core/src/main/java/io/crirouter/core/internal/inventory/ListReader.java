package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads one answer to a list, which may come in several messages, and leaves out what a client
 * could not use: entries without an id, and all but the first of several with the same id.
 */
final class ListReader {
  private final Kind kind;
  private final long asked;
  private final Set<String> ids = new HashSet<>();
  private String example = "";
  private int withoutId;
  private int repeated;
  private int tooLong;

  ListReader(Kind kind, long asked) {
    this.kind = kind;
    this.asked = asked;
  }

  /**
   * One message.
   *
   * @param items its entries that can be remembered
   * @param message the message itself, or one without the entries that were left out
   */
  record Read(List<Item> items, ByteString message) {}

  /** Reads one message, which is well-formed. */
  Read read(ByteString message) throws MalformedMessageException {
    WireMessage list = WireMessage.parse(message);
    List<Item> items = new ArrayList<>();
    List<ByteString> kept = new ArrayList<>();
    int all = 0;
    for (WireMessage entry : list.messages(kind.itemsField)) {
      all++;
      String id = entry.string(kind.idField);
      if (isUsable(id)) {
        kept.add(entry.toByteString());
        if (Limits.isId(id)) {
          items.add(kind.item(id, entry, asked));
        } else {
          tooLong++;
        }
      }
    }
    return new Read(items, kept.size() == all ? message : without(list, kept));
  }

  private boolean isUsable(String id) {
    if (id.isEmpty()) {
      withoutId++;
      return false;
    }
    if (!ids.add(id)) {
      repeated++;
      example = id;
      return false;
    }
    return true;
  }

  private ByteString without(WireMessage list, List<ByteString> kept) {
    WireWriter cleaned = new WireWriter().raw(list.without(kind.itemsField));
    kept.forEach(entry -> cleaned.message(kind.itemsField, entry));
    return cleaned.toByteString();
  }

  /** The ids of all entries so far. */
  Set<String> ids() {
    return ids;
  }

  /** Whether nothing was left out or cannot be remembered. */
  boolean isClean() {
    return withoutId == 0 && repeated == 0 && tooLong == 0;
  }

  /** What is wrong with the list, for people; empty if nothing is. */
  String complaint() {
    if (isClean()) {
      return "";
    }
    return String.format(
        "lists %d %ss without an id, %d more than once%s and %d with an id that is too long",
        withoutId, kind, repeated, example.isEmpty() ? "" : " (" + example + ")", tooLong);
  }
}
