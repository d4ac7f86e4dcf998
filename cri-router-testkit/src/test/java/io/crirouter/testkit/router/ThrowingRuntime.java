package io.crirouter.testkit.router;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import org.jspecify.annotations.Nullable;

/** A runtime whose own code fails on demand, instead of starting a call. */
final class ThrowingRuntime implements RuntimeBackend {
  private RuntimeBackend runtime = this;
  private @Nullable Failure failure;

  /** The runtime that is called while the code works. */
  RuntimeBackend of(RuntimeBackend value) {
    runtime = value;
    return this;
  }

  /** What a call does. */
  enum Failure {
    EXCEPTION("the pool is closed"),
    MISSING_CLASS("com/example/Shim"),
    FAILED_ASSERTION("no such pool"),
    NULL("it returned no call"),
    FAILED_REQUEST("no such stream");

    private static final RuntimeCall WITH_FAILING_REQUEST =
        new RuntimeCall() {
          @Override
          public void request(int count) {
            throw new IllegalStateException(FAILED_REQUEST.reason);
          }

          @Override
          public void cancel(String why) {}
        };

    private final String reason;

    Failure(String reason) {
      this.reason = reason;
    }

    /** A part of the message. */
    String reason() {
      return reason;
    }

    @SuppressWarnings("NullAway")
    private RuntimeCall start() {
      return switch (this) {
        case EXCEPTION -> throw new IllegalStateException(reason);
        case MISSING_CLASS -> throw new NoClassDefFoundError(reason);
        case FAILED_ASSERTION -> throw new AssertionError(reason);
        case NULL -> null;
        case FAILED_REQUEST -> WITH_FAILING_REQUEST;
      };
    }
  }

  /** Calls fail from now on. */
  void fail(Failure value) {
    failure = value;
  }

  /** Calls work again. */
  void heal() {
    failure = null;
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    return failure == null ? runtime.start(request, listener) : failure.start();
  }

  @Override
  public void onReachabilityChange(Runnable listener) {
    runtime.onReachabilityChange(listener);
  }

  @Override
  public String address() {
    return runtime.address();
  }
}
