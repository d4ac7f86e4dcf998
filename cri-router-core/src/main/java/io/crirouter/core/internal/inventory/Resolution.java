package io.crirouter.core.internal.inventory;

import java.util.List;

/** The objects to which a whole or shortened id refers. Immutable. */
public sealed interface Resolution {
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
