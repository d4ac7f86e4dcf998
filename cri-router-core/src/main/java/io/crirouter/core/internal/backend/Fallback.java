package io.crirouter.core.internal.backend;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ForwardingListener;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.call.SteppedCall;
import java.util.function.Function;

/** Replaces a call that is answered with UNIMPLEMENTED by another one with the same response. */
final class Fallback {
  private Fallback() {}

  static RuntimeCall start(
      RuntimeBackend runtime,
      CriRequest request,
      ResponseListener client,
      Function<ResponseListener, RuntimeCall> other) {
    SteppedCall call = new SteppedCall();
    ResponseListener first =
        new ForwardingListener(client) {
          @Override
          public void onClose(RpcStatus status) {
            if (status.isUnimplemented() && call.cancelled() == null) {
              call.enter(1, other.apply(client));
            } else {
              super.onClose(status);
            }
          }
        };
    call.enter(0, runtime.start(request, first));
    return call;
  }
}
