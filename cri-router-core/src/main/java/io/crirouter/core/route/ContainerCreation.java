package io.crirouter.core.route;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.identity.Ids;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.RoutingField;
import io.crirouter.core.wire.WireMessage;
import io.crirouter.proto.v1.CreateContainerRequest;

/** To the owner of a sandbox, if it has what the new container needs. */
record ContainerCreation(RoutingField field, Ids ids, RequiredFeatures features)
    implements Operation {
  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException {
    Backend backend = ids.owner(field.reference(), field.read(request.message()));
    if (!backend.isPrimary()) {
      WireMessage message = WireMessage.parse(request.message());
      features.requireForContainer(
          backend, message.message(CreateContainerRequest.CONFIG_FIELD_NUMBER));
    }
    return backend.call(request, listener);
  }
}
