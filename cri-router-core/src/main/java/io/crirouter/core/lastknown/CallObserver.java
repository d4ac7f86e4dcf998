package io.crirouter.core.lastknown;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;

/** Learns from one call what a runtime has. All in the runtime's own language. */
public interface CallObserver {
  /** Learns nothing. */
  CallObserver NOTHING = new CallObserver() {};

  /** A response message. */
  default void onMessage(ByteString message) {}

  /** The end of the call. */
  default void onClose(RpcStatus status) {}
}
