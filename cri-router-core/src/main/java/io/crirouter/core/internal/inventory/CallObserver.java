package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.internal.wire.MalformedMessageException;

/** Sees the answer to one call on its way, in the runtime's own language. */
public interface CallObserver {
  /** Sees nothing. */
  CallObserver NOTHING = new CallObserver() {};

  /**
   * A message of the answer.
   *
   * @return what is passed on: the message itself, or one without what nobody could use
   * @throws MalformedMessageException if the message must not be passed on
   */
  default ByteString onMessage(ByteString message) throws MalformedMessageException {
    return message;
  }

  /** The end of the call. */
  default void onClose(RpcStatus status) {}
}
