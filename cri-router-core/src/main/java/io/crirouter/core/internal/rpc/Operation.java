package io.crirouter.core.internal.rpc;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.wire.MalformedMessageException;

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

  /** Starts a call like {@link #start}, and tells the listener if it is refused. */
  default RuntimeCall startOrRefuse(CriRequest request, ResponseListener listener) {
    RpcStatus refusal;
    try {
      return start(request, listener);
    } catch (RpcException e) {
      refusal = e.status();
    } catch (MalformedMessageException e) {
      refusal =
          RpcStatus.of(
              Code.INVALID_ARGUMENT,
              "malformed " + request.method().name() + " request: " + e.getMessage());
    }
    listener.onClose(refusal);
    return RuntimeCall.ENDED;
  }
}
