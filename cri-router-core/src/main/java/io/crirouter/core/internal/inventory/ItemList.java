package io.crirouter.core.internal.inventory;

import com.google.common.base.Ticker;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.collect.LinkedHashMultimap;
import com.google.common.collect.SetMultimap;
import com.google.protobuf.ByteString;
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
  private final Map<String, Item> items = new LinkedHashMap<>();
  private final SetMultimap<String, String> byGroup = LinkedHashMultimap.create();

  /** The sequence number of each removal. */
  private final Cache<String, Long> removed;

  private long bytes;
  private long askedAt = -1;
  private long askedNanos;
  private boolean isKnown;
  private boolean isListedSinceConnect;
  private boolean hasOverflowed;

  /** The sequence number of the last report that exceeded the limits. */
  private long overflowNumber = -1;

  /**
   * The last complete response, as long as nothing has changed since: most lists equal the one
   * before.
   */
  private @Nullable ByteString lastAnswer;

  ItemList(Kind kind, Ticker ticker) {
    this.kind = kind;
    this.removed =
        CacheBuilder.newBuilder()
            .concurrencyLevel(1)
            .maximumSize(Limits.MAX_REMOVED)
            .expireAfterWrite(Limits.REMOVED_LIFETIME)
            .ticker(ticker)
            .build();
  }

  Kind kind() {
    return kind;
  }

  /** Whether a complete response equals the one before, and nothing has changed since. */
  boolean isRepetition(ByteString answer) {
    return answer.equals(lastAnswer);
  }

  /** Applies a complete list that equals the one before. */
  void listedAgain(long asked, long nanos) {
    askedAt = Math.max(askedAt, asked);
    askedNanos = nanos;
    isListedSinceConnect = true;
  }

  /**
   * Applies entries of a list; {@link #listedAll} follows if the list is complete.
   *
   * @param asked the sequence number of the request
   * @param newIds takes the ids that are new
   * @return whether anything has changed
   */
  boolean listed(List<ListEntry> entries, long asked, List<String> newIds)
      throws MalformedMessageException {
    boolean changed = false;
    for (ListEntry entry : entries) {
      String id = entry.id();
      Item before = items.get(id);
      if (before != null ? before.number() > asked : wasRemovedSince(id, asked)) {
        continue;
      }
      if (before == null) {
        boolean added = add(kind.item(entry, asked));
        changed |= added;
        if (added) {
          newIds.add(id);
        }
      } else if (ContentDigest.areEqual(before.bytes(), entry.bytes(), kind.nestedField)) {
        items.put(id, before.repeatedBy(entry.bytes(), asked));
      } else {
        changed = true;
        replace(before, before.updatedBy(kind.item(entry, asked)));
      }
    }
    lastAnswer = changed ? null : lastAnswer;
    return changed;
  }

  /** Whether a list with a later request was applied already. */
  boolean isOutdated(long asked) {
    return asked < askedAt;
  }

  /**
   * Removes what a complete list lacks; {@code asked} is the sequence number of its request.
   *
   * @param ids all ids in it
   * @param nanos when it was requested
   * @return the ids that were removed
   */
  List<String> listedAll(Set<String> ids, long asked, long nanos) {
    askedAt = asked;
    askedNanos = nanos;
    isKnown = true;
    isListedSinceConnect = true;
    hasOverflowed = overflowNumber >= asked;
    List<String> gone = new ArrayList<>();
    for (Item item : items.values()) {
      if (item.number() < asked && !ids.contains(item.id())) {
        gone.add(item.id());
      }
    }
    gone.forEach(id -> remove(id, asked));
    return gone;
  }

  /** Keeps the response that {@link #listedAll} applied, to recognise an equal one. */
  void remember(ByteString answer) {
    lastAnswer = answer;
  }

  /**
   * The runtime does not implement the list: it has no objects of this kind, unless it listed some
   * before.
   */
  void lacksAll(long asked, long nanos) {
    if (items.isEmpty()) {
      listedAll(Set.of(), asked, nanos);
    }
  }

  private boolean wasRemovedSince(String id, long asked) {
    Long number = removed.getIfPresent(id);
    return number != null && number >= asked;
  }

  /** An object was created. */
  boolean put(Item item) {
    lastAnswer = null;
    removed.invalidate(item.id());
    Item before = items.get(item.id());
    if (before == null) {
      return add(item);
    }
    replace(before, before.updatedBy(item));
    return true;
  }

  private boolean add(Item item) {
    if (items.size() >= Limits.MAX_ITEMS || bytes + item.bytes().size() > Limits.MAX_BYTES) {
      hasOverflowed = true;
      overflowNumber = item.number();
      return false;
    }
    removed.invalidate(item.id());
    items.put(item.id(), item);
    byGroup.put(item.group(), item.id());
    bytes += item.bytes().size();
    return true;
  }

  private void replace(Item before, Item after) {
    items.put(after.id(), after);
    bytes += after.bytes().size() - before.bytes().size();
    if (!before.group().equals(after.group())) {
      byGroup.remove(before.group(), before.id());
      byGroup.put(after.group(), after.id());
    }
  }

  /** Sets the state of an object; false if it had this state, or is unknown. */
  boolean setState(String id, long state, long number) throws MalformedMessageException {
    Item item = items.get(id);
    if (item == null || item.state() == state) {
      return false;
    }
    lastAnswer = null;
    replace(item, item.withState(kind.stateField, state, number));
    return true;
  }

  boolean remove(String id, long number) {
    Item item = items.remove(id);
    if (item == null) {
      return false;
    }
    lastAnswer = null;
    byGroup.remove(item.group(), id);
    bytes -= item.bytes().size();
    removed.put(id, number);
    return true;
  }

  /** Drops an object that belongs to another runtime; it does not count as removed. */
  boolean giveUp(String id) {
    boolean had = remove(id, 0);
    removed.invalidate(id);
    return had;
  }

  /**
   * The whole id for {@code named}, a whole id or the beginning of exactly one; null if there is
   * none or more than one.
   */
  @Nullable String find(String named) {
    if (items.containsKey(named)) {
      return named;
    }
    List<String> matches = named.isEmpty() ? List.of() : startingWith(named);
    return matches.size() == 1 ? matches.get(0) : null;
  }

  boolean has(String id) {
    return items.containsKey(id);
  }

  boolean had(String id) {
    return removed.getIfPresent(id) != null;
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

  Set<String> allRemoved() {
    return removed.asMap().keySet();
  }

  /** Called when the runtime is lost: it may have more than it has listed. */
  void disconnected() {
    isListedSinceConnect = false;
  }

  /** Restores the saved state. */
  void restore(Collection<Item> remembered, Collection<String> gone, boolean wasKnown) {
    remembered.forEach(this::add);
    gone.forEach(id -> removed.put(id, 0L));
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

  /** Whether the last complete list was asked for at this time or later. */
  boolean wasAskedSince(long nanos) {
    return isListedSinceConnect && askedNanos - nanos >= 0;
  }
}
