package io.crirouter.core.internal.rpc;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.naming.Ids;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.RoutingField;

/**
 * To the backend that owns what the request names.
 *
 * @param field where the request names it
 * @param ids knows the owners
 * @param check what the owner has to pass first
 */
record CallByOwner(RoutingField field, Ids ids, Check check) implements Operation {
  /** Decides whether a backend may get a request. */
  @FunctionalInterface
  interface Check {
    /** Everything may pass. */
    Check NONE = (backend, request) -> {};

    /**
     * Checks a request.
     *
     * @throws RpcException if it is refused
     */
    void require(Backend backend, CriRequest request)
        throws RpcException, MalformedMessageException;
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException {
    Backend backend = ids.owner(field.reference(), field.read(request.message()));
    check.require(backend, request);
    return backend.call(request, listener);
  }
}
