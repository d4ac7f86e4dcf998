package io.crirouter.examples.criproxy.bootstrap;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.util.List;
import java.util.Optional;

/** The difference between two versions of a file, as {@code patch -p1} takes it. */
final class UnifiedDiff {
  private static final int CONTEXT_LINES = 3;
  private static final String NOTHING = "/dev/null";

  private UnifiedDiff() {}

  /**
   * The difference, empty if there is none.
   *
   * @param before the file's text, or empty if there is no such file
   * @param after the same, later
   */
  static String of(String path, Optional<String> before, Optional<String> after) {
    List<String> old = lines(before);
    List<String> lines =
        UnifiedDiffUtils.generateUnifiedDiff(
            before.isPresent() ? "a" + path : NOTHING,
            after.isPresent() ? "b" + path : NOTHING,
            old,
            DiffUtils.diff(old, lines(after)),
            CONTEXT_LINES);
    return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
  }

  private static List<String> lines(Optional<String> text) {
    return text.map(whole -> whole.lines().toList()).orElse(List.of());
  }
}
