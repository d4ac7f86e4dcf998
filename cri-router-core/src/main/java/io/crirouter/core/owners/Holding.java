package io.crirouter.core.owners;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;

/**
 * The ids of one kind that one backend has, in order, each with the number of the newest report of
 * it, and those that it had. Numbers are given out in the order in which questions are sent and
 * news arrives. Not thread-safe.
 */
final class Holding {
  /** Far more than any node runs; a runtime that lists more cannot fill the memory. */
  static final int MAX_IDS = 20_000;

  private final NavigableMap<String, Long> ids = new TreeMap<>();
  private final RemovedIds removed = new RemovedIds();
  private long listedAt = -1;
  private boolean listedSinceConnect;
  private boolean known;
  private boolean overflowed;

  /**
   * An answer about one thing, or an event, named the id. That does not bring back what is gone.
   *
   * @return whether that is new
   */
  boolean heardOf(String id, long number) {
    return !removed.has(id) && add(id, number);
  }

  /**
   * A list that need not be complete, asked for as number {@code asked}.
   *
   * @return the ids that are new
   */
  List<String> listedSome(Collection<String> listed, long asked) {
    List<String> news = new ArrayList<>();
    for (String id : listed) {
      if (removed.isRefutedBy(id, asked) && add(id, asked)) {
        news.add(id);
      }
    }
    return news;
  }

  /**
   * Everything that the backend has. Does nothing if a list that was asked for later was heard.
   *
   * @return the ids that are new, and those that are gone
   */
  Changes listedAll(Collection<String> listed, long asked, long nowNanos) {
    if (asked < listedAt) {
      return Changes.NONE;
    }
    listedAt = asked;
    listedSinceConnect = true;
    known = true;
    overflowed = false;
    List<String> gone = takeOutMissing(new HashSet<>(listed), asked);
    gone.forEach(id -> removed.add(id, asked, nowNanos));
    return new Changes(listedSome(listed, asked), gone);
  }

  /** What a complete list changed. */
  record Changes(List<String> news, List<String> gone) {
    static final Changes NONE = new Changes(List.of(), List.of());
  }

  /** What is younger than the question cannot be missed in the answer. */
  private List<String> takeOutMissing(Set<String> listed, long asked) {
    List<String> gone = new ArrayList<>();
    Iterator<Map.Entry<String, Long>> all = ids.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<String, Long> entry = all.next();
      if (entry.getValue() < asked && !listed.contains(entry.getKey())) {
        gone.add(entry.getKey());
        all.remove();
      }
    }
    return gone;
  }

  /** The backend removed what has this id, which may be shortened. */
  void removed(String named, long number, long nowNanos) {
    Collection<String> matches = has(named) ? List.of(named) : startingWith(named);
    if (matches.size() == 1) {
      String id = matches.iterator().next();
      ids.remove(id);
      removed.add(id, number, nowNanos);
    }
  }

  /** It is another's after all. */
  void giveUp(String id) {
    ids.remove(id);
  }

  private boolean add(String id, long number) {
    Long before = ids.get(id);
    if (before == null && ids.size() == MAX_IDS) {
      overflowed = true;
      return false;
    }
    if (before == null || before < number) {
      ids.put(id, number);
    }
    return before == null;
  }

  boolean has(String id) {
    return ids.containsKey(id);
  }

  boolean had(String id) {
    return removed.has(id);
  }

  /** The whole ids that begin with {@code start}, in order. */
  List<String> startingWith(String start) {
    List<String> found = new ArrayList<>();
    for (String id : ids.tailMap(start, true).keySet()) {
      if (!id.startsWith(start)) {
        break;
      }
      found.add(id);
    }
    return found;
  }

  /** All ids, in order. */
  NavigableSet<String> all() {
    return ids.navigableKeySet();
  }

  /** The ids that are gone, oldest first. */
  Set<String> allRemoved() {
    return removed.all();
  }

  /** The connection is gone: soon there may be more than was listed. */
  void disconnected() {
    listedSinceConnect = false;
  }

  /** What it had before the router restarted. */
  void restore(Collection<String> remembered, Collection<String> gone, long nowNanos) {
    remembered.forEach(id -> add(id, 0));
    gone.forEach(id -> removed.add(id, 0, nowNanos));
    known = true;
  }

  /** Forgets what has been gone for long enough. */
  void expire(long nowNanos) {
    removed.expire(nowNanos);
  }

  /** Whether this is all that the backend has. */
  boolean isComplete() {
    return listedSinceConnect && !overflowed;
  }

  /** Whether this is all that the backend had at some time, be it before a restart. */
  boolean isKnown() {
    return known && !overflowed;
  }
}
