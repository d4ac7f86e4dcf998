package io.crirouter.core.internal.rpc;

import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.backend.LastKnownResponse;
import io.crirouter.core.internal.call.PacedDelivery;
import io.crirouter.core.internal.naming.Ids;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.observation.PartTrace;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.RoutingField;
import java.util.List;

/**
 * Sends ContainerStatus to the owner of the container. While that is lost, what it answered last is
 * the answer: the container is listed, and from 1.35 on a kubelet removes no image of any runtime
 * while one listed container has no status.
 *
 * @param field the field with the id
 * @param ids finds the owner
 */
record StatusByOwner(RoutingField field, Ids ids) implements Operation {
  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener, CallTrace trace)
      throws RpcException, MalformedMessageException {
    String id = field.read(request.message());
    Backend backend = ids.owner(field.reference(), id);
    trace.routed(Rule.OWNER, backend.name(), id);
    PartTrace part = trace.part(backend.name(), request.method());
    if (!backend.isPrimary() && backend.isLost()) {
      RpcStatus cause = backend.unavailable(backend.health().condition().reason());
      BackendResponse known = LastKnownResponse.of(backend, request, cause);
      if (known.isOk()) {
        part.refused(cause);
        part.usedLastKnown();
        return PacedDelivery.of(List.of(known.message()), listener);
      }
    }
    return backend.call(request, listener, part);
  }
}
