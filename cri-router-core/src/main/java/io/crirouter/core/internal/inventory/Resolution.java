package io.crirouter.core.internal.inventory;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The objects to which a whole or shortened id refers. Immutable. */
public sealed interface Resolution {
  /** How many of several ids are told. */
  int MAX_EXAMPLES = 4;

  /**
   * Resolves an id or the beginning of one. A whole id is preferred to longer ones that begin with
   * it, and an object that exists to one that was removed. A removed object is found by its whole
   * id only.
   */
  static Resolution of(List<Inventory> inventories, Kind kind, String id) {
    if (id.isEmpty()) {
      return Unknown.INSTANCE;
    }
    List<Inventory> owners = inventories.stream().filter(owner -> owner.has(kind, id)).toList();
    if (owners.isEmpty()) {
      owners = inventories.stream().filter(owner -> owner.had(kind, id)).toList();
    }
    return owners.isEmpty() ? startingWith(inventories, kind, id) : owned(owners, id, false);
  }

  private static Resolution startingWith(List<Inventory> inventories, Kind kind, String start) {
    Set<String> matches = new TreeSet<>();
    List<Inventory> owners = new ArrayList<>();
    for (Inventory inventory : inventories) {
      List<String> its = inventory.startingWith(kind, start);
      matches.addAll(its);
      if (!its.isEmpty()) {
        owners.add(inventory);
      }
    }
    return switch (matches.size()) {
      case 0 -> Unknown.INSTANCE;
      case 1 -> owned(owners, matches.iterator().next(), true);
      default ->
          new Ambiguous(owners, matches.stream().limit(MAX_EXAMPLES).toList(), matches.size());
    };
  }

  private static Resolution owned(List<Inventory> owners, String id, boolean shortened) {
    return owners.size() == 1 ? new Owned(owners.get(0), id, shortened) : new Claimed(owners, id);
  }

  /** The runtimes that have, or had, such an object; each once. */
  List<Inventory> owners();

  /**
   * One object of one runtime.
   *
   * @param owner its runtime
   * @param id its whole id
   * @param shortened whether only the beginning of the id was given
   */
  record Owned(Inventory owner, String id, boolean shortened) implements Resolution {
    @Override
    public List<Inventory> owners() {
      return List.of(owner);
    }
  }

  /**
   * An id that several runtimes have.
   *
   * @param owners those runtimes, at least two
   * @param id the whole id
   */
  record Claimed(List<Inventory> owners, String id) implements Resolution {}

  /**
   * The beginning of several ids.
   *
   * @param owners their runtimes
   * @param examples the first few of them
   * @param count how many there are
   */
  record Ambiguous(List<Inventory> owners, List<String> examples, int count)
      implements Resolution {}

  /** No known object. */
  record Unknown() implements Resolution {
    static final Unknown INSTANCE = new Unknown();

    @Override
    public List<Inventory> owners() {
      return List.of();
    }
  }
}
