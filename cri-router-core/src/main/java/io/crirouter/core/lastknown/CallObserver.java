package io.crirouter.core.lastknown;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;

/** Learns from one call what a runtime has. All in the runtime's own language. */
public interface CallObserver {
  /** Learns nothing. */
  CallObserver NOTHING = new CallObserver() {};

  /** Lets two observers learn from one call. */
  static CallObserver both(CallObserver one, CallObserver other) {
    if (one == NOTHING) {
      return other;
    }
    return other == NOTHING ? one : new Both(one, other);
  }

  /** See {@link #both}. */
  record Both(CallObserver one, CallObserver other) implements CallObserver {
    @Override
    public void onMessage(ByteString message) {
      one.onMessage(message);
      other.onMessage(message);
    }

    @Override
    public void onClose(RpcStatus status) {
      one.onClose(status);
      other.onClose(status);
    }
  }

  /** A response message. */
  default void onMessage(ByteString message) {}

  /** The end of the call. */
  default void onClose(RpcStatus status) {}
}
