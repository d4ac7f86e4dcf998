package io.crirouter.testkit;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Knows which calls to a backend go on, whatever becomes of the backend's journal. May be used from
 * any thread.
 */
final class OpenCalls implements RuntimeBackend {
  private final RuntimeBackend target;
  private final Set<Call> open = ConcurrentHashMap.newKeySet();

  OpenCalls(RuntimeBackend target) {
    this.target = target;
  }

  /** The rpcs of the calls that go on. */
  List<String> rpcs() {
    return open.stream().map(call -> call.rpc).sorted().toList();
  }

  /** Gives up on what goes on now. */
  void cancel() {
    Collection<Call> calls = List.copyOf(open);
    calls.forEach(Call::cancel);
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    Call call = new Call(request.method().name(), listener);
    open.add(call);
    RuntimeCall started = target.start(request, call);
    call.upstream = started;
    return started;
  }

  @Override
  public String address() {
    return target.address();
  }

  @Override
  public void onReachabilityChange(Runnable listener) {
    target.onReachabilityChange(listener);
  }

  @Override
  public String toString() {
    return "OpenCalls(" + target + ")";
  }

  private final class Call implements ResponseListener {
    private final String rpc;
    private final ResponseListener listener;

    /** Set when {@code start} has returned. */
    private volatile RuntimeCall upstream = RuntimeCall.ENDED;

    Call(String rpc, ResponseListener listener) {
      this.rpc = rpc;
      this.listener = listener;
    }

    void cancel() {
      upstream.cancel("the test is over");
    }

    @Override
    public void onHeaders(CallMetadata headers) {
      listener.onHeaders(headers);
    }

    @Override
    public void onMessage(ByteString message) {
      listener.onMessage(message);
    }

    @Override
    public void onClose(RpcStatus status) {
      open.remove(this);
      listener.onClose(status);
    }
  }
}
