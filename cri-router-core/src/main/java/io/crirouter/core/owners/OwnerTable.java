package io.crirouter.core.owners;

import io.crirouter.core.BackendName;
import io.crirouter.core.owners.Resolution.Ambiguous;
import io.crirouter.core.owners.Resolution.Claimed;
import io.crirouter.core.owners.Resolution.Owned;
import io.crirouter.core.owners.Resolution.Unknown;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Whose the ids of one kind are, sandboxes or containers. Every backend's ids are kept apart, so
 * that no runtime can take over another's, nor crowd them out, by what it says. Not thread-safe.
 */
final class OwnerTable {
  private static final int MAX_EXAMPLES = 4;

  private final Map<BackendName, Holding> holdings = new LinkedHashMap<>();

  /** What a backend has. */
  Holding of(BackendName owner) {
    return holdings.computeIfAbsent(owner, unused -> new Holding());
  }

  /** Every backend of which there was something to say. */
  Set<BackendName> owners() {
    return holdings.keySet();
  }

  /**
   * Forgets the owners that came first, but for {@code spared}, until no more than so many remain.
   */
  void limit(int count, Set<BackendName> spared) {
    Iterator<BackendName> oldestFirst = holdings.keySet().iterator();
    while (holdings.size() > count && oldestFirst.hasNext()) {
      if (!spared.contains(oldestFirst.next())) {
        oldestFirst.remove();
      }
    }
  }

  /** The backends that say that they have the whole id. */
  List<BackendName> claimants(String id) {
    return ownersWhere(holding -> holding.has(id));
  }

  /** Forgets what has been gone for long enough. */
  void expire(long nowNanos) {
    holdings.values().forEach(holding -> holding.expire(nowNanos));
  }

  /**
   * What an id, or the beginning of one, stands for. A whole id counts before those that begin with
   * it, what is there before what was removed, and of that only whole ids count.
   */
  Resolution resolve(String id) {
    if (id.isEmpty()) {
      return Unknown.INSTANCE;
    }
    List<BackendName> claimants = claimants(id);
    if (claimants.isEmpty()) {
      claimants = ownersWhere(holding -> holding.had(id));
    }
    return claimants.isEmpty() ? startingWith(id) : owned(claimants, id, false);
  }

  private Resolution startingWith(String start) {
    Set<String> matches = new TreeSet<>();
    Set<BackendName> owners = new LinkedHashSet<>();
    holdings.forEach(
        (owner, holding) -> {
          List<String> its = holding.startingWith(start);
          matches.addAll(its);
          if (!its.isEmpty()) {
            owners.add(owner);
          }
        });
    return switch (matches.size()) {
      case 0 -> Unknown.INSTANCE;
      case 1 -> owned(List.copyOf(owners), matches.iterator().next(), true);
      default ->
          new Ambiguous(
              List.copyOf(owners), matches.stream().limit(MAX_EXAMPLES).toList(), matches.size());
    };
  }

  private static Resolution owned(List<BackendName> owners, String id, boolean shortened) {
    return owners.size() == 1 ? new Owned(owners.get(0), id, shortened) : new Claimed(owners, id);
  }

  private List<BackendName> ownersWhere(Predicate<Holding> condition) {
    List<BackendName> owners = new ArrayList<>();
    holdings.forEach(
        (owner, holding) -> {
          if (condition.test(holding)) {
            owners.add(owner);
          }
        });
    return owners;
  }
}
