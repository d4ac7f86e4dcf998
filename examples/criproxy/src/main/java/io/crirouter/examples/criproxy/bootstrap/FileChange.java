package io.crirouter.examples.criproxy.bootstrap;

import java.util.Optional;

/**
 * A file that is to be written.
 *
 * @param path the file
 * @param before its text now; empty if it is not there
 * @param after its text then
 */
record FileChange(String path, Optional<String> before, String after) {
  boolean isEmpty() {
    return before.isPresent() && before.get().equals(after);
  }

  String diff() {
    return UnifiedDiff.of(path, before, Optional.of(after));
  }
}
