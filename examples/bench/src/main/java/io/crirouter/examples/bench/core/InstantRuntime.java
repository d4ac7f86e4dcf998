package io.crirouter.examples.bench.core;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.Map;

/**
 * A runtime that answers on the caller's thread when the answer is requested.
 *
 * @param answers the answers by the name of the rpc; all others are empty
 */
record InstantRuntime(Map<String, ByteString> answers) implements RuntimeBackend {
  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    ByteString answer = answers.getOrDefault(request.method().name(), ByteString.EMPTY);
    return new RuntimeCall() {
      @Override
      public void request(int count) {
        listener.onMessage(answer);
        listener.onClose(RpcStatus.OK);
      }

      @Override
      public void cancel(String reason) {}
    };
  }
}
