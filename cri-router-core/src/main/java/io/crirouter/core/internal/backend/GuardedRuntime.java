package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.call.ForeignCode;

/**
 * Guards each call to a runtime, unless the call does so itself. A runtime that cannot register a
 * listener is only found later, because it is probed regularly too.
 */
final class GuardedRuntime extends ForwardingRuntime {
  private final ForeignCode code;

  GuardedRuntime(RuntimeBackend runtime, ForeignCode code) {
    super(runtime);
    this.code = code;
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    return listener instanceof GuardedCall
        ? runtime.start(request, listener)
        : new Forwarded(request.method(), listener).start(runtime, request);
  }

  @Override
  public void onReachabilityChange(Runnable listener) {
    try {
      super.onReachabilityChange(listener);
    } catch (RuntimeException | Error e) {
      code.failedIn("onReachabilityChange", e);
    }
  }

  private final class Forwarded extends GuardedCall {
    private final ResponseListener client;

    Forwarded(CriMethod method, ResponseListener client) {
      super(method);
      this.client = client;
    }

    @Override
    ForeignCode code() {
      return code;
    }

    @Override
    public void onHeaders(CallMetadata headers) {
      client.onHeaders(headers);
    }

    @Override
    void received(ByteString message) {
      client.onMessage(message);
    }

    @Override
    void ended(RpcStatus status) {
      client.onClose(status);
    }
  }
}
