package io.crirouter.testkit;

import io.crirouter.core.RuntimeBackend;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import java.time.Duration;

/**
 * A gRPC channel to a backend in this JVM, without a socket. A call starts on the thread of the
 * caller. If the backend answers synchronously, the response is there when the stub returns.
 */
final class BackendChannel extends Channel {
  private final RuntimeBackend backend;
  private final Duration defaultTimeout;

  BackendChannel(RuntimeBackend backend, Duration defaultTimeout) {
    this.backend = backend;
    this.defaultTimeout = defaultTimeout;
  }

  @Override
  public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
    return new BackendClientCall<>(backend, method, options, defaultTimeout);
  }

  @Override
  public String authority() {
    return "localhost";
  }

  @Override
  public String toString() {
    return "BackendChannel(" + backend + ")";
  }
}
