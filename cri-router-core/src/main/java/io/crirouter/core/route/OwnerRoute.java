package io.crirouter.core.route;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.identity.Ids;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.RoutingField;

/**
 * To the backend that owns what the request names.
 *
 * @param field where the request names it
 * @param ids knows the owners
 */
record OwnerRoute(RoutingField field, Ids ids) implements Operation {
  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException {
    return ids.owner(field.reference(), field.read(request.message())).call(request, listener);
  }
}
