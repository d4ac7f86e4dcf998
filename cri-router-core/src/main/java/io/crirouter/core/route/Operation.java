package io.crirouter.core.route;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.wire.MalformedMessageException;

/** What the router does with calls of one rpc. */
@FunctionalInterface
public interface Operation {
  /**
   * Starts a call.
   *
   * @throws RpcException if the call is refused; the listener has not been and will not be touched
   * @throws MalformedMessageException likewise, if the request is not a protobuf message
   */
  RuntimeCall start(CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException;
}
