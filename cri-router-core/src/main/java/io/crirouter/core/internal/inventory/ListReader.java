package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.internal.wire.ListEntry;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads one response to a list, which may come in several messages. Leaves out entries without an
 * id, and all but the first of several with the same id.
 */
final class ListReader {
  private final Kind kind;
  private Set<String> ids = Set.of();
  private String example = "";
  private int withoutId;
  private int repeated;
  private boolean hasLongIds;

  ListReader(Kind kind) {
    this.kind = kind;
  }

  /**
   * One message.
   *
   * @param entries its entries that can be kept
   * @param message the message itself, or one without the entries that were left out
   */
  record Read(List<ListEntry> entries, ByteString message) {}

  /** Reads one message, which is well-formed. */
  Read read(ByteString message) throws MalformedMessageException {
    List<ListEntry> all = ListEntry.read(message, kind.itemsField, kind.idField);
    int before = all.size();
    all.removeIf(entry -> !isUsable(entry.id()));
    ByteString cleaned =
        all.size() == before ? message : ListEntry.retain(message, kind.itemsField, all);
    if (all.removeIf(entry -> !Limits.isId(entry.id()))) {
      hasLongIds = true;
    }
    return new Read(all, cleaned);
  }

  private boolean isUsable(String id) {
    if (id.isEmpty()) {
      withoutId++;
      return false;
    }
    if (ids.isEmpty()) {
      ids = Set.of(id);
      return true;
    }
    if (ids.size() == 1) {
      ids = new HashSet<>(ids);
    }
    if (!ids.add(id)) {
      repeated++;
      example = id;
      return false;
    }
    return true;
  }

  /** The ids of all entries so far. */
  Set<String> ids() {
    return ids;
  }

  /** Whether every entry was usable and can be kept. */
  boolean isClean() {
    return withoutId == 0 && repeated == 0 && !hasLongIds;
  }

  /** The faults of the list, for messages; empty if there are none. */
  String faults() {
    if (isClean()) {
      return "";
    }
    return String.format(
        "answers %s with %d entries without an id, %d more than once%s and %s with an id that is too"
            + " long",
        kind.listRpc().name(),
        withoutId,
        repeated,
        example.isEmpty() ? "" : " (" + example + ")",
        hasLongIds ? "some" : "none");
  }
}
