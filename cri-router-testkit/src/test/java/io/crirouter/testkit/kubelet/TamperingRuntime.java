package io.crirouter.testkit.kubelet;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;

/** Forwards calls to another runtime and tampers with the responses of one rpc. Not thread-safe. */
final class TamperingRuntime implements RuntimeBackend {
  private final RuntimeBackend target;
  private String rpc = "";
  private Change change = answer -> answer;
  private boolean once;

  /** Makes a wrong response. */
  interface Change {
    ByteString apply(ByteString original) throws InvalidProtocolBufferException;
  }

  TamperingRuntime(RuntimeBackend target) {
    this.target = target;
  }

  /** Tampers with the next response of an rpc. */
  void tamperOnce(String about, Change newChange) {
    rpc = about;
    change = newChange;
    once = true;
  }

  /** Tampers with all responses of an rpc from now on. */
  void tamperAlways(String about, Change newChange) {
    tamperOnce(about, newChange);
    once = false;
  }

  static Change replaceWith(MessageLite answer) {
    return original -> answer.toByteString();
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    boolean applies = request.method().name().equals(rpc);
    if (applies && once) {
      rpc = "";
    }
    return target.start(request, applies ? new ChangingListener(listener, change) : listener);
  }

  private record ChangingListener(ResponseListener listener, Change change)
      implements ResponseListener {
    @Override
    public void onMessage(ByteString message) {
      try {
        listener.onMessage(change.apply(message));
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void onClose(RpcStatus status) {
      listener.onClose(status);
    }
  }
}
