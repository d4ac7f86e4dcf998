package io.crirouter.examples.criproxy.config;

import io.crirouter.examples.criproxy.logging.CleanText;
import java.util.ArrayList;
import java.util.List;

/** All that is wrong with a configuration, so that it can be mended in one go. */
final class Problems {
  private static final int MAX_SHOWN = 20;
  private static final int MAX_BYTES = 1 << 10;

  private final List<String> found = new ArrayList<>();

  /**
   * Notes one.
   *
   * @param path which key, {@code backends[1].endpoint} for example; empty for all
   */
  void add(Origin origin, String path, String what) {
    boolean isClear = path.isEmpty() || origin.isOption();
    String message = origin.place() + ": " + (isClear ? "" : path + ": ") + what;
    // A file can have what no terminal should get.
    found.add(CleanText.of(message, MAX_BYTES));
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  /** Fails if there are any. */
  void throwIfAny() throws BadConfigurationException {
    if (found.isEmpty()) {
      return;
    }
    StringBuilder message = new StringBuilder();
    if (found.size() > 1) {
      message.append(found.size()).append(" errors in the configuration:\n");
    }
    message.append(String.join("\n", found.subList(0, Math.min(MAX_SHOWN, found.size()))));
    if (found.size() > MAX_SHOWN) {
      message.append("\nand ").append(found.size() - MAX_SHOWN).append(" more");
    }
    throw new BadConfigurationException(message.toString(), null);
  }
}
