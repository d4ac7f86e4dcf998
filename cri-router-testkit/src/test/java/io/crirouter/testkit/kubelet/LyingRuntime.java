package io.crirouter.testkit.kubelet;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;

/** Like another runtime, but for the answers of one rpc. For one thread. */
final class LyingRuntime implements RuntimeBackend {
  private final RuntimeBackend truthful;
  private String rpc = "";
  private Lie lie = answer -> answer;
  private boolean once;

  /** Makes an answer that is not so. */
  interface Lie {
    ByteString tell(ByteString truth) throws InvalidProtocolBufferException;
  }

  LyingRuntime(RuntimeBackend truthful) {
    this.truthful = truthful;
  }

  /** The next answer of an rpc is a lie. */
  void lieOnce(String about, Lie what) {
    rpc = about;
    lie = what;
    once = true;
  }

  /** All answers of an rpc are lies from now on. */
  void lieAlways(String about, Lie what) {
    lieOnce(about, what);
    once = false;
  }

  static Lie instead(MessageLite answer) {
    return truth -> answer.toByteString();
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    boolean lies = request.method().name().equals(rpc);
    if (lies && once) {
      rpc = "";
    }
    return truthful.start(request, lies ? new Liar(listener, lie) : listener);
  }

  private record Liar(ResponseListener listener, Lie lie) implements ResponseListener {
    @Override
    public void onMessage(ByteString message) {
      try {
        listener.onMessage(lie.tell(message));
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
