package io.crirouter.core.internal.backend;

import io.crirouter.core.RuntimeBackend;

/** A runtime in front of another one, whose calls it changes or guards. */
abstract class ForwardingRuntime implements RuntimeBackend {
  /** The runtime that is called. */
  protected final RuntimeBackend runtime;

  ForwardingRuntime(RuntimeBackend runtime) {
    this.runtime = runtime;
  }

  @Override
  public final String address() {
    return runtime.address();
  }

  @Override
  public void onReachabilityChange(Runnable listener) {
    runtime.onReachabilityChange(listener);
  }

  @Override
  public final String toString() {
    return runtime.toString();
  }
}
