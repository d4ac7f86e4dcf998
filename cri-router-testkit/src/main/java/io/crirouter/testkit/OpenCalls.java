package io.crirouter.testkit;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ForwardingListener;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tracks the open calls of a backend. Unlike a {@link CallJournal} it cannot be cleared by a test.
 * May be used from any thread.
 */
final class OpenCalls implements RuntimeBackend {
  private final RuntimeBackend target;
  private final Set<Call> open = ConcurrentHashMap.newKeySet();

  OpenCalls(RuntimeBackend target) {
    this.target = target;
  }

  /** The rpcs of the open calls. */
  List<String> rpcs() {
    return open.stream().map(call -> call.rpc).sorted().toList();
  }

  /** Cancels the open calls. */
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

  private final class Call extends ForwardingListener {
    private final String rpc;

    /** Set when {@code start} has returned. */
    private volatile RuntimeCall upstream = RuntimeCall.ENDED;

    Call(String rpc, ResponseListener listener) {
      super(listener);
      this.rpc = rpc;
    }

    void cancel() {
      upstream.cancel("the test is over");
    }

    @Override
    public void onClose(RpcStatus status) {
      open.remove(this);
      super.onClose(status);
    }
  }
}
