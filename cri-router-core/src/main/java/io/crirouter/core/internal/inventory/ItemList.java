package io.crirouter.core.internal.inventory;

import com.google.common.base.Ticker;
import com.google.common.collect.LinkedHashMultimap;
import com.google.common.collect.SetMultimap;
import com.google.protobuf.ByteString;
import io.crirouter.core.internal.wire.ContentDigest;
import io.crirouter.core.internal.wire.ListEntry;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one kind that one runtime has, by id, and the ids of those that were removed
 * recently. Not thread-safe.
 *
 * <p>Sequence numbers are those of {@link Inventory}. A complete list removes objects that it
 * lacks, except those that are newer than its request. It does not restore objects that were
 * removed after its request.
 */
final class ItemList {
  private final Kind kind;
  private final Changes changes;
  private final Map<String, Item> items = new LinkedHashMap<>();
  private final SetMultimap<String, String> byGroup = LinkedHashMultimap.create();
  final Room room;
  final RemovedIds removed;
  final Completeness completeness = new Completeness();

  /**
   * The last complete response, as long as nothing has changed since: most lists equal the one
   * before.
   */
  private @Nullable ByteString lastAnswer;

  /**
   * @param limits limit the bytes and the number of the objects
   * @param changes takes what changes
   */
  ItemList(Kind kind, InventoryLimits.OfKind limits, Ticker ticker, Changes changes) {
    this.kind = kind;
    this.room = new Room(limits);
    this.removed = new RemovedIds(ticker);
    this.changes = changes;
  }

  Kind kind() {
    return kind;
  }

  /** Whether a complete response equals the one before, and nothing has changed since. */
  boolean isRepetition(ByteString answer) {
    return lastAnswer != null && ContentDigest.areSame(answer, lastAnswer);
  }

  /** Applies a complete list that equals the one before. */
  void listedAgain(long asked) {
    completeness.listed(asked);
    room.endEvents();
  }

  /**
   * Applies entries of a list, after {@link #listedAll} if the list is complete.
   *
   * @param asked the sequence number of the request
   * @param number the sequence number of the response
   * @param isWanted decides on entries that were not known before
   */
  void listed(List<ListEntry> entries, long asked, long number, Predicate<Item> isWanted)
      throws MalformedMessageException {
    for (ListEntry entry : entries) {
      Item before = items.get(entry.id());
      if (before != null) {
        update(before, entry, asked);
      } else if (!removed.hasSince(entry.id(), asked)) {
        Item item = kind.item(entry, new Item.Reports(asked, number));
        boolean unused = isWanted.test(item) && add(item);
      }
    }
  }

  /** An entry may be longer than before. If there is no room for it, the shorter one stays. */
  private void update(Item before, ListEntry entry, long asked) throws MalformedMessageException {
    if (before.number() > asked) {
      return;
    }
    if (ContentDigest.areEqual(before.bytes(), entry.bytes(), kind.nestedField)) {
      items.put(before.id(), before.repeatedBy(entry.bytes(), asked));
      return;
    }
    noteChange();
    if (room.resize(entry.bytes().size() - before.bytes().size())) {
      replace(before, kind.item(entry, new Item.Reports(asked, before.firstNumber())));
    } else {
      before.confirm(asked);
      completeness.overflow(asked);
    }
  }

  private void noteChange() {
    lastAnswer = null;
    changes.note();
  }

  /**
   * Applies that a list is complete: removes what it lacks, before {@link #listed} adds what it
   * has, so that there is room for it.
   *
   * @param ids all ids in it
   * @param asked the sequence number of its request
   */
  void listedAll(Set<String> ids, long asked) {
    if (!completeness.isKnown()) {
      noteChange();
    }
    listedAgain(asked);
    List<String> gone =
        items.values().stream()
            .filter(item -> item.number() < asked && !ids.contains(item.id()))
            .map(Item::id)
            .toList();
    gone.forEach(id -> remove(id, asked, false));
  }

  /**
   * Keeps the response that was applied, to recognise an equal one; not if newer reports changed
   * the result, or something exceeded the limits.
   *
   * @param count how many entries it has
   */
  void remember(ByteString answer, int count, long asked) {
    if (!completeness.hasOverflowed()
        && items.size() == count
        && items.values().stream().allMatch(item -> item.number() == asked)) {
      lastAnswer = answer;
    }
  }

  /**
   * The runtime does not implement the list: it has no objects of this kind, unless it listed some
   * before.
   */
  void lacksAll(long asked) {
    if (items.isEmpty() && !completeness.isOutdated(asked)) {
      listedAll(Set.of(), asked);
    }
  }

  /** Adds an object that is not known yet; false if that exceeds the limits. */
  boolean add(Item item) {
    if (!room.take(item.bytes().size())) {
      completeness.overflow(item.number());
      lastAnswer = null;
      return false;
    }
    noteChange();
    changes.noteNew(kind, item.id());
    removed.forget(item.id());
    items.put(item.id(), item);
    byGroup.put(item.group(), item.id());
    return true;
  }

  /** The known state of an object is still true at {@code number}. */
  void confirm(String id, long number) {
    Item item = items.get(id);
    if (item != null && item.number() < number) {
      item.confirm(number);
    }
  }

  private void replace(Item before, Item after) {
    items.put(after.id(), after);
    if (!before.group().equals(after.group())) {
      byGroup.remove(before.group(), before.id());
      byGroup.put(after.group(), after.id());
    }
  }

  /** Sets the state of an object; nothing if it had this state, or is unknown. */
  void setState(String id, long state, long number) throws MalformedMessageException {
    Item item = items.get(id);
    if (item == null || item.state() == state) {
      confirm(id, number);
      return;
    }
    noteChange();
    Item changed = item.withState(kind.stateField, state, number);
    room.forceResize(changed.bytes().size() - item.bytes().size());
    items.put(id, changed);
  }

  /** Removes the object with this whole id; false if there is none. */
  boolean remove(String id, long number) {
    return remove(id, number, true);
  }

  private boolean remove(String id, long number, boolean isCertain) {
    Item item = items.remove(id);
    if (item == null) {
      return false;
    }
    noteChange();
    byGroup.remove(item.group(), id);
    room.free(item.bytes().size());
    removed.add(id, number, isCertain);
    return true;
  }

  /** Drops an object that belongs to another runtime; it does not count as removed. */
  boolean giveUp(String id) {
    boolean had = remove(id, 0);
    removed.forget(id);
    return had;
  }

  /**
   * The whole id that {@code named} meant when it was sent: itself, or the beginning of exactly one
   * id that was known then; null if there was none or more than one.
   *
   * @param asked the sequence number of the request, whose response may have come much later
   */
  @Nullable String find(String named, long asked) {
    if (items.containsKey(named)) {
      return named;
    }
    List<String> matches =
        startingWith(named).stream().filter(id -> wasKnownBefore(id, asked)).toList();
    boolean isClear = matches.size() == 1 && !removed.hasStartSince(named, asked);
    return isClear && !named.isEmpty() ? matches.get(0) : null;
  }

  private boolean wasKnownBefore(String id, long asked) {
    Item item = items.get(id);
    return item != null && item.firstNumber() <= asked;
  }

  /** Whether an id begins with {@code named}, or one that was removed after {@code asked}. */
  boolean isStart(String named, long asked) {
    return !startingWith(named).isEmpty() || removed.hasStartSince(named, asked);
  }

  boolean has(String id) {
    return items.containsKey(id);
  }

  @Nullable Item get(String id) {
    return items.get(id);
  }

  /** The whole ids that begin with {@code start}. */
  List<String> startingWith(String start) {
    return items.keySet().stream().filter(id -> id.startsWith(start)).toList();
  }

  /** The ids of a group. */
  Set<String> ofGroup(String group) {
    return new HashSet<>(byGroup.get(group));
  }

  Collection<Item> all() {
    return items.values();
  }

  /** Keeps nothing of the objects but their ids, and adds none any more. */
  void retire() {
    lastAnswer = null;
    byGroup.clear();
    items.replaceAll((id, item) -> item.withIdOnly(kind.idField));
    room.close();
  }

  /** Restores the saved state. */
  void restore(Collection<Item> remembered, Collection<String> gone, boolean wasKnown) {
    remembered.forEach(this::add);
    gone.forEach(id -> removed.add(id, 0, false));
    completeness.restore(wasKnown);
  }
}
