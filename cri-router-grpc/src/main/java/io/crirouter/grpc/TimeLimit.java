package io.crirouter.grpc;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.grpc.CallOptions;
import java.util.concurrent.TimeUnit;

/** What is left of the time of one call, which runs from now on. */
final class TimeLimit {
  /** A time limit beyond this is none; gRPC's own arithmetic would overflow some day. */
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

  /** The end of {@code call}, the rpc and where it went, when the limit is reached. */
  RpcStatus exceeded(String call) {
    return RpcStatus.of(
        Code.DEADLINE_EXCEEDED, call + ": no answer within " + Durations.text(Math.max(0, nanos)));
  }
}
