package io.crirouter.core;

import com.google.protobuf.ByteString;

/**
 * Receives what a runtime answers to one call: headers at most once, then messages (exactly one for
 * a unary rpc that succeeds), then exactly one close. Calls come one after the other, possibly on
 * different threads, possibly before {@link RuntimeBackend#start} has returned. An implementation
 * must not block and must not throw.
 */
public interface ResponseListener {
  /** Response headers, before the first message. Most listeners do not care. */
  default void onHeaders(CallMetadata headers) {}

  /** One serialized response message; only after it was asked for. */
  void onMessage(ByteString message);

  /** The end of the call. Nothing comes after it. */
  void onClose(RpcStatus status);
}
