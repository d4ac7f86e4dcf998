package io.crirouter.testkit.kubelet;

import io.crirouter.core.RpcStatus;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A call that ended with an error. It has no stack trace, because it is a normal response. */
final class CallFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient RpcStatus status;

  CallFailure(String rpc, RpcStatus status) {
    super(rpc + ": " + status, null, false, false);
    this.status = status;
  }

  RpcStatus status() {
    return status;
  }

  /** Whether {@code failure} is a failed call and not an error of the simulator. */
  static boolean is(Throwable failure) {
    return unwrapped(failure) instanceof CallFailure;
  }

  /**
   * Unwraps the failure of a call.
   *
   * @throws AssertionError if it is an error of the simulator
   */
  static CallFailure of(Throwable failure) {
    if (unwrapped(failure) instanceof CallFailure call) {
      return call;
    }
    throw new AssertionError("the kubelet simulator has failed", failure);
  }

  private static @Nullable Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException ? failure.getCause() : failure;
  }
}
