package io.crirouter.core.internal.backend;

import static java.util.Objects.requireNonNull;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.IdOwner;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.internal.call.ForeignCode;

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
  /** Refuses nulls. */
  public BackendConfig {
    requireNonNull(name, "name");
    requireNonNull(runtime, "runtime");
    requireNonNull(options, "options");
  }

  /** How an id codec sees it; not used for the primary. */
  public IdOwner idOwner() {
    return options
        .idPrefix()
        .map(prefix -> IdOwner.of(name, prefix))
        .orElseGet(() -> IdOwner.of(name));
  }

  /** The runtime. A secondary answers more than it does by itself. */
  RuntimeBackend guardedRuntime(ForeignCode code) {
    RuntimeBackend guarded = new GuardedRuntime(runtime, code);
    return isPrimary ? guarded : new SubstitutingRuntime(guarded);
  }

  /**
   * Checks that this is not the same backend as {@code other}.
   *
   * @throws IllegalArgumentException if the name is the same, or the runtime: each of its pods
   *     would be listed twice
   */
  public void requireDifferentFrom(BackendConfig other) {
    if (name.equals(other.name)) {
      throw new IllegalArgumentException("two runtimes are called " + name);
    }
    if (runtime == other.runtime) {
      throw new IllegalArgumentException(
          "runtimes "
              + other.name
              + " and "
              + name
              + " are one RuntimeBackend; each needs its own");
    }
  }
}
