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
 * The things of one kind that one runtime has, by id, and the ids of those that it had a short
 * while ago. Not thread-safe.
 *
 * <p>Questions and newIds carry numbers in the order in which questions were sent and newIds arrived. A
 * complete list takes out what it lacks, but nothing that is newer than its question; and it brings
 * nothing back that was removed after it was asked for.
 */
final class ItemList {
  private final Kind kind;
  private final Map<String, Item> items = new LinkedHashMap<>();
  private final SetMultimap<String, String> byGroup = LinkedHashMultimap.create();

  /** The number of the newIds of each removal. */
  private final Cache<String, Long> removed;

  private long bytes;
  private long askedAt = -1;
  private long askedNanos;
  private boolean isKnown;
  private boolean isListedSinceConnect;
  private boolean hasOverflowed;

  /** The number of the last report for which there was no room. */
  private long overflowNumber = -1;

  /** The last complete answer, as long as nothing has changed since: most answers repeat it. */
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

  /** Whether a complete answer says what the one before said, and nothing has changed since. */
  boolean isRepetition(ByteString answer) {
    return answer.equals(lastAnswer);
  }

  /** The runtime was asked once more for all that it has, and gave the same answer. */
  void listedAgain(long asked, long nanos) {
    askedAt = Math.max(askedAt, asked);
    askedNanos = nanos;
    isListedSinceConnect = true;
  }

  /**
   * Notes entries of a list; {@link #listedAll} follows if the list is complete.
   *
   * @param asked the number of the question
   * @param newIds takes the ids that are new
   * @return whether anything is different now
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

  /** Whether a list that was asked for later than this one has been noted already. */
  boolean isOutdated(long asked) {
    return asked < askedAt;
  }

  /**
   * The list that was asked for as number {@code asked} is complete.
   *
   * @param ids all that were in it
   * @param nanos when it was asked for
   * @return the ids that are gone
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

  /** What {@link #listedAll} noted was this one answer, which left nothing out. */
  void remember(ByteString answer) {
    lastAnswer = answer;
  }

  /** The runtime says that it has no such things at all. */
  void lacksAll(long asked, long nanos) {
    if (items.isEmpty()) {
      listedAll(Set.of(), asked, nanos);
    }
  }

  private boolean wasRemovedSince(String id, long asked) {
    Long number = removed.getIfPresent(id);
    return number != null && number >= asked;
  }

  /** Something came into being. */
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

  /** The state of what is named changed. False if it was so already, or is unknown. */
  boolean setState(String id, long state, long number) throws MalformedMessageException {
    Item item = items.get(id);
    if (item == null || item.state() == state) {
      return false;
    }
    lastAnswer = null;
    replace(item, item.withState(kind.stateField, state, number));
    return true;
  }

  /** What has this whole id is gone; false if it was not there. */
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

  /** Another runtime has it, and this one never had. */
  boolean giveUp(String id) {
    boolean had = remove(id, 0);
    removed.invalidate(id);
    return had;
  }

  /**
   * The whole id that somebody means who names {@code named}: itself, or the only one that begins
   * so. Null if there is none or more than one.
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

  /** The connection is gone: soon there may be more than was listed. */
  void disconnected() {
    isListedSinceConnect = false;
  }

  /** Begins with what was known before a restart. */
  void restore(Collection<Item> remembered, Collection<String> gone, boolean wasKnown) {
    remembered.forEach(this::add);
    gone.forEach(id -> removed.put(id, 0L));
    isKnown = wasKnown;
  }

  /** Whether the runtime has ever said what it has. */
  boolean isKnown() {
    return isKnown;
  }

  /** Whether this is all that the runtime had at some time, be it before a restart. */
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
