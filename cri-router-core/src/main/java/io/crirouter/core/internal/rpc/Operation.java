package io.crirouter.core.internal.rpc;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.wire.MalformedMessageException;

/** How the router handles the calls of one rpc. */
@FunctionalInterface
public interface Operation {
  /**
   * Starts a call.
   *
   * @param trace takes note of the decision and of what each backend contributes
   * @throws RpcException if the call is refused; the listener is not called then
   * @throws MalformedMessageException likewise, if the request is not a protobuf message
   */
  RuntimeCall start(CriRequest request, ResponseListener listener, CallTrace trace)
      throws RpcException, MalformedMessageException;

  /**
   * Starts a call like {@link #start}; closes the listener with the status if the call is refused.
   */
  default RuntimeCall startOrRefuse(
      CriRequest request, ResponseListener listener, CallTrace trace) {
    RpcStatus refusal;
    try {
      return start(request, listener, trace);
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
