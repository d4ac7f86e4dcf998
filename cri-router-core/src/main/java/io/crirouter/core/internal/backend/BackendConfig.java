package io.crirouter.core.internal.backend;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.RuntimeBackend;
import java.util.regex.Pattern;

/**
 * The configuration of one backend.
 *
 * @param name its name
 * @param isPrimary whether it is the primary
 * @param runtime carries the calls
 * @param options its options
 */
public record BackendConfig(
    BackendName name, boolean isPrimary, RuntimeBackend runtime, BackendOptions options) {
  private static final String ID_SEPARATOR = "__";
  private static final int DEFAULT_PREFIX_LENGTH = 4;
  private static final Pattern NOT_IN_PREFIX = Pattern.compile("[^a-z0-9]");

  /** The prefix of its ids towards the client; not used for the primary. */
  public String idPrefix() {
    return options.idPrefix().orElseGet(this::defaultPrefix) + ID_SEPARATOR;
  }

  private String defaultPrefix() {
    String letters = NOT_IN_PREFIX.matcher(name.value()).replaceAll("");
    return letters.substring(0, Math.min(DEFAULT_PREFIX_LENGTH, letters.length()));
  }
}
