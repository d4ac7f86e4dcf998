package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WellFormed;

/**
 * Lets only well-formed messages pass.
 *
 * @param method the rpc that is answered
 * @param observer sees the messages that pass
 */
record CheckingObserver(MethodSchema method, ResponseObserver observer)
    implements ResponseObserver {
  @Override
  public ByteString onMessage(ByteString message) throws MalformedMessageException {
    WellFormed.require(message, method.response());
    return observer.onMessage(message);
  }

  @Override
  public void onClose(RpcStatus status) {
    observer.onClose(status);
  }
}
