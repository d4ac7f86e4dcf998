package io.crirouter.examples.criproxy.bootstrap;

import java.util.List;
import java.util.Optional;

/**
 * The command line of a running kubelet.
 *
 * @param words the command line, the program first
 */
record KubeletFlags(List<String> words) {
  KubeletFlags {
    words = List.copyOf(words);
  }

  /** The last value of a flag, as {@code --flag=value} or {@code --flag value}. */
  Optional<String> value(String flag) {
    Optional<String> value = Optional.empty();
    for (int i = 1; i < words.size(); i++) {
      String word = words.get(i);
      if (word.startsWith(flag + "=")) {
        value = Optional.of(word.substring(flag.length() + 1));
      } else if (word.equals(flag) && i + 1 < words.size()) {
        value = Optional.of(words.get(i + 1));
      }
    }
    return value;
  }
}
