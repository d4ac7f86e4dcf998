package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.internal.wire.MalformedMessageException;

/** Sees the response to one call, with the runtime's own ids and names. */
public interface ResponseObserver {
  /** Sees nothing. */
  ResponseObserver NOTHING = new ResponseObserver() {};

  /**
   * Sees one message of the response.
   *
   * @return the message to pass on: the same, or one without unusable entries
   * @throws MalformedMessageException if the message must not be passed on
   */
  default ByteString onMessage(ByteString message) throws MalformedMessageException {
    return message;
  }

  /** Sees the end of the call. */
  default void onClose(RpcStatus status) {}
}
