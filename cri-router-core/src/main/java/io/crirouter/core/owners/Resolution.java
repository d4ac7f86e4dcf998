package io.crirouter.core.owners;

import io.crirouter.core.BackendName;
import java.util.List;

/** What an id that somebody named, whole or only its beginning, stands for. Immutable. */
public sealed interface Resolution {
  /** The backends that have, or had, something that can be meant; each once. */
  List<BackendName> owners();

  /**
   * One object of one backend.
   *
   * @param owner whose it is
   * @param id its whole id
   * @param shortened whether only the beginning was named
   */
  record Owned(BackendName owner, String id, boolean shortened) implements Resolution {
    @Override
    public List<BackendName> owners() {
      return List.of(owner);
    }
  }

  /**
   * An id that several backends say is theirs.
   *
   * @param owners those backends, at least two
   * @param id the whole id
   */
  record Claimed(List<BackendName> owners, String id) implements Resolution {}

  /**
   * The beginning of several ids.
   *
   * @param owners whose they are
   * @param examples the first few of them
   * @param count how many there are
   */
  record Ambiguous(List<BackendName> owners, List<String> examples, int count)
      implements Resolution {}

  /** Nothing that is known. */
  record Unknown() implements Resolution {
    static final Unknown INSTANCE = new Unknown();

    @Override
    public List<BackendName> owners() {
      return List.of();
    }
  }
}
