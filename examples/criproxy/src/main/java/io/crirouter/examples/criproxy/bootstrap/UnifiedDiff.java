package io.crirouter.examples.criproxy.bootstrap;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.util.List;
import java.util.Optional;

/** Formats the difference of two versions of a file, for {@code patch -p1}. */
final class UnifiedDiff {
  private static final int CONTEXT_LINES = 3;
  private static final String NOTHING = "/dev/null";

  private UnifiedDiff() {}

  /**
   * The diff; empty if there is no difference.
   *
   * @param before the old text; empty if the file does not exist
   * @param after the new text; empty if the file does not exist
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
