package io.crirouter.core.internal.inventory;

import com.google.common.base.Ticker;
import com.google.common.collect.LinkedHashMultimap;
import com.google.common.collect.SetMultimap;
import com.google.protobuf.ByteString;
import io.crirouter.core.internal.call.SharedLimit;
import io.crirouter.core.internal.wire.ContentDigest;
import io.crirouter.core.internal.wire.ListEntry;
import io.crirouter.core.internal.wire.MalformedMessageException;
import java.util.ArrayList;
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
  private final SharedLimit.Share bytes;
  private final SharedLimit.Share count;
  private final Map<String, Item> items = new LinkedHashMap<>();
  private final SetMultimap<String, String> byGroup = LinkedHashMultimap.create();

  /** The ids of pod sandboxes by {@link Item#seen}. */
  private final SetMultimap<String, String> bySeen = LinkedHashMultimap.create();

  private final RemovedIds removed;

  /** What events have added since the last complete list. */
  private int itemsByEvents;

  private long bytesByEvents;
  private long askedAt = -1;
  private boolean isKnown;
  private boolean isListedSinceConnect;
  private boolean hasOverflowed;

  /** How many objects were not added, or dropped, because of the limits. */
  private long overflows;

  /** The sequence number of the last report that exceeded the limits. */
  private long overflowNumber = -1;

  /**
   * The last complete response, as long as nothing has changed since: most lists equal the one
   * before.
   */
  private @Nullable ByteString lastAnswer;

  /**
   * @param limits limit the bytes and the number of the objects
   */
  ItemList(Kind kind, KindLimits limits, Ticker ticker) {
    this.kind = kind;
    this.bytes = limits.bytes().share();
    this.count = limits.count().share();
    this.removed = new RemovedIds(ticker);
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
    askedAt = Math.max(askedAt, asked);
    listedCompletely();
  }

  /**
   * Applies entries of a list, after {@link #listedAll} if the list is complete.
   *
   * @param asked the sequence number of the request
   * @param number the sequence number of the response
   * @param isWanted decides on entries that were not known before
   * @param newIds takes the ids that are new
   * @return whether anything has changed
   */
  boolean listed(
      List<ListEntry> entries,
      long asked,
      long number,
      Predicate<Item> isWanted,
      List<String> newIds)
      throws MalformedMessageException {
    boolean changed = false;
    for (ListEntry entry : entries) {
      String id = entry.id();
      Item before = items.get(id);
      if (before != null ? before.number() > asked : wasRemovedSince(id, asked)) {
        continue;
      }
      if (before == null) {
        Item item = kind.item(entry, asked);
        boolean added = isWanted.test(item) && add(item.reportedAt(number));
        changed |= added;
        if (added) {
          newIds.add(id);
        }
      } else if (ContentDigest.areEqual(before.bytes(), entry.bytes(), kind.nestedField)) {
        update(before, before.repeatedBy(entry.bytes(), asked));
      } else {
        changed = true;
        update(before, before.updatedBy(kind.item(entry, asked)));
      }
    }
    lastAnswer = changed ? null : lastAnswer;
    return changed;
  }

  /** An entry may be longer than before. If there is no room for it, the shorter one stays. */
  private void update(Item before, Item after) {
    int more = after.bytes().size() - before.bytes().size();
    if (more <= 0) {
      bytes.free(-more);
      replace(before, after);
    } else if (bytes.take(more)) {
      replace(before, after);
    } else {
      before.confirm(after.number());
      overflow(after);
    }
  }

  /** Whether a complete list with a later request was applied already. */
  boolean isOutdated(long asked) {
    return asked < askedAt;
  }

  /**
   * Applies that a list is complete: removes what it lacks, before {@link #listed} adds what it
   * has, so that there is room for it.
   *
   * @param ids all ids in it
   * @param asked the sequence number of its request
   * @return whether anything has changed
   */
  boolean listedAll(Set<String> ids, long asked) {
    boolean isFirst = !isKnown;
    askedAt = asked;
    isKnown = true;
    listedCompletely();
    hasOverflowed = overflowNumber >= asked;
    List<String> gone = new ArrayList<>();
    for (Item item : items.values()) {
      if (item.number() < asked && !ids.contains(item.id())) {
        gone.add(item.id());
      }
    }
    gone.forEach(id -> remove(id, asked, false));
    return isFirst || !gone.isEmpty();
  }

  /**
   * Keeps the response that was applied, to recognise an equal one; not if newer reports changed
   * the result, or something exceeded the limits.
   *
   * @param count how many entries it has
   */
  void remember(ByteString answer, int count, long asked) {
    if (items.size() == count && items.values().stream().allMatch(i -> i.number() == asked)) {
      lastAnswer = answer;
    }
  }

  /**
   * The runtime does not implement the list: it has no objects of this kind, unless it listed some
   * before. Returns whether that has changed anything.
   */
  boolean lacksAll(long asked) {
    return items.isEmpty() && !isOutdated(asked) && listedAll(Set.of(), asked);
  }

  /** Whether it was removed, and the request {@code asked} was sent before that. */
  boolean wasRemovedSince(String id, long asked) {
    return removed.hasSince(id, asked);
  }

  /** The same, only by a removal that the runtime reported. */
  boolean wasCertainlyRemovedSince(String id, long asked) {
    return removed.hasCertainlySince(id, asked);
  }

  /** Adds an object that is not known yet; false if that exceeds the limits. */
  boolean add(Item item) {
    lastAnswer = null;
    if (!takesRoom(item.bytes().size())) {
      overflow(item);
      return false;
    }
    removed.forget(item.id());
    items.put(item.id(), item);
    byGroup.put(item.group(), item.id());
    addSeen(item);
    return true;
  }

  private boolean takesRoom(int size) {
    if (!count.take(1)) {
      return false;
    }
    if (!bytes.take(size)) {
      count.free(1);
      return false;
    }
    return true;
  }

  /** Whether there is room for a complete list with so many bytes. */
  boolean hasRoomFor(long listBytes) {
    return bytes.mayHold(listBytes);
  }

  /** A complete list takes the place of what is known, and of the room that it has. */
  void beginReplacement() {
    bytes.beginReplacement();
    count.beginReplacement();
  }

  /** It has taken the place. */
  void endReplacement() {
    bytes.endReplacement();
    count.endReplacement();
  }

  /** Counts an object of {@code size} bytes that an event adds; false if there is no room. */
  boolean takesByEvent(int size) {
    boolean isTaken =
        itemsByEvents < Limits.MAX_ITEMS_BY_EVENTS
            && bytesByEvents + size <= Limits.MAX_BYTES_BY_EVENTS;
    if (isTaken) {
      itemsByEvents++;
      bytesByEvents += size;
    }
    return isTaken;
  }

  private void listedCompletely() {
    isListedSinceConnect = true;
    itemsByEvents = 0;
    bytesByEvents = 0;
  }

  private void overflow(Item item) {
    overflows++;
    hasOverflowed = true;
    overflowNumber = item.number();
  }

  /** How often an object was not remembered because of the limits. */
  long overflows() {
    return overflows;
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
    if (!before.seen().equals(after.seen())) {
      bySeen.remove(before.seen(), before.id());
      addSeen(after);
    }
  }

  private void addSeen(Item item) {
    if (!item.seen().isEmpty()) {
      bySeen.put(item.seen(), item.id());
    }
  }

  /** Sets the state of an object; false if it had this state, or is unknown. */
  boolean setState(String id, long state, long number) throws MalformedMessageException {
    Item item = items.get(id);
    if (item == null || item.state() == state) {
      confirm(id, number);
      return false;
    }
    lastAnswer = null;
    Item changed = item.withState(kind.stateField, state, number);
    bytes.force(changed.bytes().size() - item.bytes().size());
    replace(item, changed);
    return true;
  }

  /** Removes the object with this whole id; false if there is none. */
  boolean remove(String id, long number) {
    return remove(id, number, true);
  }

  private boolean remove(String id, long number, boolean isCertain) {
    Item item = items.get(id);
    if (item == null) {
      return false;
    }
    drop(item);
    removed.add(id, number, isCertain);
    return true;
  }

  private void drop(Item item) {
    lastAnswer = null;
    items.remove(item.id());
    byGroup.remove(item.group(), item.id());
    bySeen.remove(item.seen(), item.id());
    bytes.free(item.bytes().size());
    count.free(1);
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

  boolean had(String id) {
    return removed.has(id);
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

  /** The group of the objects with this {@link Item#seen}; empty if there are none. */
  String groupOfSeen(String seen) {
    for (String id : bySeen.get(seen)) {
      Item item = items.get(id);
      if (item != null && !item.group().isEmpty()) {
        return item.group();
      }
    }
    return "";
  }

  Collection<Item> all() {
    return items.values();
  }

  Set<String> allRemoved() {
    return removed.all();
  }

  /** Keeps nothing of the objects but their ids, and adds none any more. */
  void retire() {
    lastAnswer = null;
    byGroup.clear();
    bySeen.clear();
    items.replaceAll((id, item) -> item.withIdOnly(kind.idField));
    bytes.close();
    count.close();
  }

  /** Called when the runtime is lost: it may have more than it has listed. */
  void disconnected() {
    isListedSinceConnect = false;
  }

  /** Restores the saved state. */
  void restore(Collection<Item> remembered, Collection<String> gone, boolean wasKnown) {
    remembered.forEach(this::add);
    gone.forEach(id -> removed.add(id, 0, false));
    isKnown = wasKnown;
  }

  /** Whether the runtime has ever sent a complete list. */
  boolean isKnown() {
    return isKnown;
  }

  /** Whether this is all that the runtime had at some time, perhaps before a restart. */
  boolean isWhole() {
    return isKnown && !hasOverflowed;
  }

  /** Whether this is all that the runtime has: it has been listed since it was connected last. */
  boolean isComplete() {
    return isListedSinceConnect && !hasOverflowed;
  }
}
