package io.crirouter.examples.criproxy.config;

import io.crirouter.examples.criproxy.logging.CleanText;
import java.util.ArrayList;
import java.util.List;

/** Collects the errors of a configuration, so that all can be reported at once. */
final class Problems {
  private static final int MAX_SHOWN = 20;
  private static final int MAX_BYTES = 1 << 10;

  private final List<String> found = new ArrayList<>();

  /**
   * Adds an error.
   *
   * @param path the path of the key, {@code backends[1].endpoint} for example; may be empty
   */
  void add(Origin origin, String path, String what) {
    boolean isClear = path.isEmpty() || origin.isOption();
    String message = origin.place() + ": " + (isClear ? "" : path + ": ") + what;
    // A file can contain control characters.
    found.add(CleanText.of(message, MAX_BYTES));
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  /** Throws if there are any. */
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
