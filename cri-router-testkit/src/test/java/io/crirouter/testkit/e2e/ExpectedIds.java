package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The ids that a list must contain and those that it must not contain, while other threads create
 * and remove. Ids that are being created or removed may be in a list or not. Thread-safe.
 */
final class ExpectedIds {
  private final String what;
  private final Set<String> present = new HashSet<>();
  private final Set<String> absent = new HashSet<>();

  ExpectedIds(String what) {
    this.what = what;
  }

  /** Each list that is requested from now on must contain {@code id}. */
  synchronized void expectPresent(String id) {
    present.add(id);
  }

  /** To be called before {@code id} is removed: lists may contain it or not. */
  synchronized void release(String id) {
    present.remove(id);
  }

  /** No list that is requested from now on may contain {@code id}. */
  synchronized void expectAbsent(String id) {
    absent.add(id);
  }

  synchronized boolean isPresent(String id) {
    return present.contains(id);
  }

  /** To be called before a list is requested. */
  synchronized Check begin() {
    return new Check(Set.copyOf(present), Set.copyOf(absent));
  }

  private synchronized Set<String> stillPresent(Set<String> before) {
    Set<String> both = new HashSet<>(before);
    both.retainAll(present);
    return both;
  }

  /** The expectations for one list. */
  final class Check {
    private final Set<String> presentBefore;
    private final Set<String> absentBefore;

    private Check(Set<String> presentBefore, Set<String> absentBefore) {
      this.presentBefore = presentBefore;
      this.absentBefore = absentBefore;
    }

    /**
     * Checks a list.
     *
     * @throws AssertionError if an id is missing, was removed, or is listed twice
     */
    void verify(List<String> seen) {
      assertThat(seen)
          .as("%s in a list", what)
          .doesNotHaveDuplicates()
          .containsAll(stillPresent(presentBefore))
          .doesNotContainAnyElementsOf(
              absentBefore.isEmpty() ? Set.of("nothing was removed yet") : absentBefore);
    }
  }
}
