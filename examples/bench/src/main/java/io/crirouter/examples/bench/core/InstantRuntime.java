package io.crirouter.examples.bench.core;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.Map;

/**
 * Answers as soon as it is asked for the answer, on the caller's thread.
 *
 * @param answers by the name of the rpc; the empty message for all others
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
