package io.crirouter.core.internal.inventory;

import java.util.List;

/** What an id that somebody named, whole or only its beginning, stands for. Immutable. */
public sealed interface Resolution {
  /** The runtimes that have, or had, something that can be meant; each once. */
  List<Inventory> owners();

  /**
   * One object of one runtime.
   *
   * @param owner which has it
   * @param id its whole id
   * @param shortened whether only the beginning was named
   */
  record Owned(Inventory owner, String id, boolean shortened) implements Resolution {
    @Override
    public List<Inventory> owners() {
      return List.of(owner);
    }
  }

  /**
   * An id that several runtimes say is theirs.
   *
   * @param owners those runtimes, at least two
   * @param id the whole id
   */
  record Claimed(List<Inventory> owners, String id) implements Resolution {}

  /**
   * The beginning of several ids.
   *
   * @param owners which have them
   * @param examples the first few of them
   * @param count how many there are
   */
  record Ambiguous(List<Inventory> owners, List<String> examples, int count)
      implements Resolution {}

  /** Nothing that is known. */
  record Unknown() implements Resolution {
    static final Unknown INSTANCE = new Unknown();

    @Override
    public List<Inventory> owners() {
      return List.of();
    }
  }
}
