package io.crirouter.core.internal.rpc;

import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.naming.Ids;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.RoutingField;

/**
 * Sends a call to the owner of the pod sandbox or container in the request.
 *
 * @param field the field with its id
 * @param ids finds the owner
 * @param check decides whether the owner may get the request
 */
record CallByOwner(RoutingField field, Ids ids, Check check) implements Operation {
  /** Refuses requests that a backend cannot fulfil. */
  @FunctionalInterface
  interface Check {
    /** Refuses nothing. */
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
  public RuntimeCall start(CriRequest request, ResponseListener listener, CallTrace trace)
      throws RpcException, MalformedMessageException {
    String id = field.read(request.message());
    Backend backend = ids.owner(field.reference(), id);
    check.require(backend, request);
    trace.routed(Rule.OWNER, backend.name(), id);
    return backend.call(request, listener, trace);
  }
}
