package io.crirouter.core.internal.backend;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;

/** Stands where a runtime was that is not configured any more: nobody answers. */
record UnconfiguredRuntime(String address) implements RuntimeBackend {
  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    listener.onClose(RpcStatus.unreachable("it is not configured any more"));
    return RuntimeCall.ENDED;
  }
}
