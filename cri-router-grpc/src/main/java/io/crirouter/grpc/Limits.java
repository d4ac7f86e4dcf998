package io.crirouter.grpc;

import java.time.Duration;

/**
 * What a call to a runtime may take.
 *
 * @param maxResponseBytes the size of one response message
 * @param unfinishedAnswers limits the answers that are not complete
 * @param connectTimeout how long a call waits for a connection that it can use
 */
record Limits(int maxResponseBytes, UnfinishedAnswers unfinishedAnswers, Duration connectTimeout) {
  /** Why a call ends that has waited for a connection. */
  String noConnection() {
    return "no connection within " + Durations.text(connectTimeout.toNanos());
  }
}
