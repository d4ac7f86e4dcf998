package io.crirouter.core;

import com.google.protobuf.ByteString;

/**
 * Receives the response to one call: headers at most once, then messages (exactly one for a unary
 * rpc that succeeds), then exactly one close. Calls come one after the other, possibly on different
 * threads, possibly before {@link RuntimeBackend#start} has returned. An implementation must not
 * block and must not throw.
 */
public interface ResponseListener {
  /** Response headers, before the first message. Most listeners ignore them. */
  default void onHeaders(CallMetadata headers) {}

  /** One serialized response message; only after it was requested. */
  void onMessage(ByteString message);

  /** The end of the call; the last call of the listener. */
  void onClose(RpcStatus status);
}
