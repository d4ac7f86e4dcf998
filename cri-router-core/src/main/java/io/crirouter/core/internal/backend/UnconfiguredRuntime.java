package io.crirouter.core.internal.backend;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;

/** A runtime that is no longer configured. Every call to it ends as unreachable. */
record UnconfiguredRuntime(String address) implements RuntimeBackend {
  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    listener.onClose(RpcStatus.unreachable("it is not configured any more"));
    return RuntimeCall.ENDED;
  }
}
