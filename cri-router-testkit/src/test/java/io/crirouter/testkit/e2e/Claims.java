package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which ids a list must have, and which it must not, while other threads change that. What is about
 * to be removed, or may not have been created, is claimed in neither way. Thread-safe.
 */
final class Claims {
  private final String what;
  private final Set<String> standing = new HashSet<>();
  private final Set<String> gone = new HashSet<>();

  Claims(String what) {
    this.what = what;
  }

  /** Every list that is asked for from now on must have it. */
  synchronized void stands(String id) {
    standing.add(id);
  }

  /** Its removal is about to begin. */
  synchronized void mayGo(String id) {
    standing.remove(id);
  }

  /** No list that is asked for from now on may have it. */
  synchronized void isGone(String id) {
    gone.add(id);
  }

  synchronized boolean isStanding(String id) {
    return standing.contains(id);
  }

  /** To be called before a list is asked for. */
  synchronized Check begin() {
    return new Check(Set.copyOf(standing), Set.copyOf(gone));
  }

  private synchronized Set<String> stillStanding(Set<String> before) {
    Set<String> both = new HashSet<>(before);
    both.retainAll(standing);
    return both;
  }

  /** What one list is held against. */
  final class Check {
    private final Set<String> stood;
    private final Set<String> wereGone;

    private Check(Set<String> stood, Set<String> wereGone) {
      this.stood = stood;
      this.wereGone = wereGone;
    }

    /**
     * Looks at what was listed.
     *
     * @throws AssertionError if something has vanished, come back, or is there twice
     */
    void hold(List<String> seen) {
      assertThat(seen)
          .as("%s in a list", what)
          .doesNotHaveDuplicates()
          .containsAll(stillStanding(stood))
          .doesNotContainAnyElementsOf(
              wereGone.isEmpty() ? Set.of("nothing was removed yet") : wereGone);
    }
  }
}
