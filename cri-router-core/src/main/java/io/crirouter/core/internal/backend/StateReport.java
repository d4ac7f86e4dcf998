package io.crirouter.core.internal.backend;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendState;
import java.time.Instant;

/** See {@link BackendState}. */
record StateReport(
    BackendName name,
    boolean isPrimary,
    String address,
    Phase phase,
    Instant since,
    String reason,
    String runtimeName,
    String runtimeVersion)
    implements BackendState {}
