package io.crirouter.examples.criproxy.bootstrap;

import java.util.Optional;

/**
 * A change of a file.
 *
 * @param path the file
 * @param before its text before the change; empty if it does not exist
 * @param after its text after the change
 */
record FileChange(String path, Optional<String> before, String after) {
  boolean isEmpty() {
    return before.isPresent() && before.get().equals(after);
  }

  String diff() {
    return UnifiedDiff.of(path, before, Optional.of(after));
  }
}
