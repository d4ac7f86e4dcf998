package io.crirouter.grpc;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.grpc.CallOptions;
import java.util.concurrent.TimeUnit;

/** The time limit of one call, which runs from the construction on. */
final class TimeLimit {
  /** A longer limit counts as none, because gRPC's arithmetic could overflow. */
  private static final long MAX_NANOS = TimeUnit.DAYS.toNanos(365);

  private final long start = System.nanoTime();
  private final long nanos;

  TimeLimit(long nanos) {
    this.nanos = nanos;
  }

  boolean isSet() {
    return nanos < MAX_NANOS;
  }

  boolean isOver() {
    return isSet() && remainingNanos() <= 0;
  }

  long remainingNanos() {
    return nanos - (System.nanoTime() - start);
  }

  CallOptions applyTo(CallOptions options) {
    return isSet() ? options.withDeadlineAfter(remainingNanos(), TimeUnit.NANOSECONDS) : options;
  }

  /** The status of a call that has reached the limit; {@code call} is the rpc and its runtime. */
  RpcStatus exceeded(String call) {
    return RpcStatus.of(
        Code.DEADLINE_EXCEEDED, call + ": no answer within " + Durations.text(Math.max(0, nanos)));
  }
}
