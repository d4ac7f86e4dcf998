package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.Map;

/** The runtime that serves a socket at the time of a call. */
final class SocketBackend implements RuntimeBackend {
  private final Map<String, RuntimeBackend> sockets;
  private final String socket;

  SocketBackend(Map<String, RuntimeBackend> sockets, String socket) {
    this.sockets = sockets;
    this.socket = socket;
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    RuntimeBackend runtime = sockets.get(socket);
    if (runtime == null) {
      listener.onClose(RpcStatus.unreachable("no socket " + socket));
      return RuntimeCall.ENDED;
    }
    return runtime.start(request, listener);
  }

  @Override
  public String address() {
    return socket;
  }
}
