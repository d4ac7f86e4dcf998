package io.crirouter.grpc;

import java.time.Duration;

/**
 * The limits of a call to a runtime.
 *
 * @param maxResponseBytes the size of one response message
 * @param unfinishedAnswers the limit on answers that are not complete
 * @param connectTimeout how long a call waits for a usable connection
 */
record BackendLimits(
    int maxResponseBytes, UnfinishedAnswers unfinishedAnswers, Duration connectTimeout) {
  /** The message of a call that has no connection after {@link #connectTimeout}. */
  String connectTimedOut() {
    return "no connection within " + Durations.text(connectTimeout.toNanos());
  }
}
