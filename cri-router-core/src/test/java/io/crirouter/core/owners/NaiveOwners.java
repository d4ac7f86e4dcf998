package io.crirouter.core.owners;

import io.crirouter.core.BackendName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@link OwnerTable} must say, said the slow way: every piece of news is kept, and the answer
 * is worked out from all of them each time.
 */
final class NaiveOwners {
  private final List<News> all = new ArrayList<>();

  /** Something that became known, in the order in which it did. */
  sealed interface News {
    /** Whose. */
    BackendName owner();

    /** An answer or event named an id. */
    record Heard(BackendName owner, String id, long number) implements News {}

    /** A list, asked for as a number. */
    record Listed(BackendName owner, List<String> ids, long asked, boolean complete)
        implements News {}

    /** Something was removed. */
    record Removed(BackendName owner, String id, long number) implements News {}
  }

  void add(News news) {
    all.add(news);
  }

  /** What one backend has and had, after all news of it in turn. */
  private final class Part {
    private final Map<String, Long> present = new TreeMap<>();
    private final Map<String, Long> gone = new TreeMap<>();
    private long newestList = -1;

    Part(BackendName owner) {
      all.stream().filter(news -> news.owner().equals(owner)).forEach(this::take);
    }

    private void take(News news) {
      if (news instanceof News.Heard heard && !gone.containsKey(heard.id())) {
        present.merge(heard.id(), heard.number(), Math::max);
      } else if (news instanceof News.Removed removed && present.containsKey(removed.id())) {
        present.remove(removed.id());
        gone.put(removed.id(), removed.number());
      } else if (news instanceof News.Listed listed
          && !(listed.complete() && listed.asked() < newestList)) {
        takeList(listed);
      }
    }

    private void takeList(News.Listed list) {
      if (list.complete()) {
        newestList = list.asked();
        for (String id : List.copyOf(present.keySet())) {
          if (present.getOrDefault(id, 0L) < list.asked() && !list.ids().contains(id)) {
            present.remove(id);
            gone.put(id, list.asked());
          }
        }
      }
      for (String id : list.ids()) {
        if (gone.getOrDefault(id, -1L) < list.asked()) {
          gone.remove(id);
          present.merge(id, list.asked(), Math::max);
        }
      }
    }
  }

  /** The whole ids that {@code named} can stand for, each with its claimants in their order. */
  Map<String, List<BackendName>> meantBy(String named, Collection<BackendName> owners) {
    Map<String, List<BackendName>> whole = new TreeMap<>();
    Map<String, List<BackendName>> former = new TreeMap<>();
    Map<String, List<BackendName>> beginning = new TreeMap<>();
    for (BackendName owner : owners) {
      Part part = new Part(owner);
      for (String id : part.present.keySet()) {
        if (id.equals(named)) {
          claim(whole, id, owner);
        }
        if (id.startsWith(named)) {
          claim(beginning, id, owner);
        }
      }
      if (part.gone.containsKey(named)) {
        claim(former, named, owner);
      }
    }
    if (!whole.isEmpty()) {
      return whole;
    }
    return former.isEmpty() ? beginning : former;
  }

  private static void claim(Map<String, List<BackendName>> ids, String id, BackendName owner) {
    ids.computeIfAbsent(id, unused -> new ArrayList<>()).add(owner);
  }
}
