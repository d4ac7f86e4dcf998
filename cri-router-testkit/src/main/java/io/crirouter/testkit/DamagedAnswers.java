package io.crirouter.testkit;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.function.UnaryOperator;

/** Forwards calls to {@code target} and applies {@code damage} to each response message. */
record DamagedAnswers(RuntimeBackend target, UnaryOperator<ByteString> damage)
    implements RuntimeBackend {
  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    return target.start(
        request,
        new ResponseListener() {
          @Override
          public void onHeaders(CallMetadata headers) {
            listener.onHeaders(headers);
          }

          @Override
          public void onMessage(ByteString message) {
            listener.onMessage(damage.apply(message));
          }

          @Override
          public void onClose(RpcStatus status) {
            listener.onClose(status);
          }
        });
  }

  @Override
  public String address() {
    return target.address();
  }
}
