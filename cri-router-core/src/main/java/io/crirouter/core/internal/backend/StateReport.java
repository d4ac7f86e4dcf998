package io.crirouter.core.internal.backend;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendState;
import java.time.Instant;

/** The state of a backend, as embedders see it. */
public record StateReport(
    BackendName name,
    boolean isPrimary,
    String address,
    Phase phase,
    Instant since,
    String reason,
    String runtimeName,
    String runtimeVersion)
    implements BackendState {

  /** The state for this condition. */
  public static StateReport of(Backend backend, Condition condition) {
    RuntimeVersion version = backend.watch().version();
    return new StateReport(
        backend.name(),
        backend.isPrimary(),
        backend.address(),
        condition.phase(),
        condition.since(),
        condition.reason(),
        version.name(),
        version.version());
  }
}
