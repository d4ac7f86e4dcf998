package io.crirouter.core.route;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.ForwardingListener;
import io.crirouter.core.identity.Ids;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.RoutingField;

/** To the owner of a sandbox, whose pod may be placed anew once the sandbox is gone. */
record SandboxRemoval(RoutingField field, Ids ids, Placements placements) implements Operation {
  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException {
    String id = field.read(request.message());
    Backend owner = ids.owner(field.reference(), id);
    return owner.call(
        request,
        new ForwardingListener(listener) {
          @Override
          public void onMessage(ByteString message) {
            placements.removed(owner, id);
            super.onMessage(message);
          }
        });
  }
}
