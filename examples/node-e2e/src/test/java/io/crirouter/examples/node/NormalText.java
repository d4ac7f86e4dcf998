package io.crirouter.examples.node;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Texts of a kubelet without what differs between two runs of the same. */
final class NormalText {
  private static final List<Map.Entry<Pattern, String>> REPLACEMENTS =
      List.of(
          Map.entry(
              Pattern.compile("-(direct|primary|special-by-class|special)(?![a-z-])"), "-PLACE"),
          Map.entry(Pattern.compile("\\bdefault-token-[a-z0-9]+\\b"), "TOKEN"),
          // An id behind the router may have the prefix of its runtime.
          Map.entry(Pattern.compile("\\b([a-z0-9]{1,4}__)?[0-9a-f]{64}\\b"), "ID"),
          Map.entry(Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UID"),
          // The name of a node's control group.
          Map.entry(Pattern.compile("\\bcrt-[0-9a-f]{16}\\b"), "NODE"),
          // The image names of a runtime other than the primary begin with its name.
          Map.entry(Pattern.compile("\\b" + Proxy.SPECIAL + "/"), ""),
          Map.entry(Pattern.compile("\\b\\d+\\.\\d+\\.\\d+\\.\\d+(:\\d+)?(/\\d+)?\\b"), "ADDRESS"),
          Map.entry(Pattern.compile("\\b[0-9.]+(ns|\u00b5s|ms|s|m[0-9.]+s)\\b"), "TIME"),
          Map.entry(Pattern.compile("\\b(?<!sha)\\d+\\b"), "N"));

  private NormalText() {}

  /** The text; pods of all places have the same name in it. */
  static String of(String text) {
    String normal = text;
    for (Map.Entry<Pattern, String> replacement : REPLACEMENTS) {
      normal = replacement.getKey().matcher(normal).replaceAll(replacement.getValue());
    }
    return normal;
  }
}
