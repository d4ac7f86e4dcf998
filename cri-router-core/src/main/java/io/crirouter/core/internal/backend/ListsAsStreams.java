package io.crirouter.core.internal.backend;

import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.schema.Schema;

/**
 * Answers a {@code Stream*} rpc that the runtime does not have with the unary list: filter and
 * items have the same numbers in both, so that the messages are the same bytes. A kubelet that once
 * sees UNIMPLEMENTED turns streaming off until it restarts, for all runtimes.
 */
final class ListsAsStreams extends ForwardingRuntime {

  ListsAsStreams(RuntimeBackend runtime) {
    super(runtime);
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    MethodSchema method = Schema.of(request.method());
    if (method.listRpc().isEmpty()) {
      return runtime.start(request, listener);
    }
    return Fallback.start(
        runtime,
        request,
        listener,
        to -> runtime.start(request.with(CriMethod.of(method.listRpc()), request.message()), to));
  }
}
