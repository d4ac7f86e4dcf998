package io.crirouter.testkit.router;

import static java.util.Objects.requireNonNull;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Another connection to a runtime, which counts its calls. */
final class CountingConnection implements RuntimeBackend {
  private final RuntimeBackend runtime;
  final AtomicInteger calls = new AtomicInteger();
  volatile @Nullable ResponseListener events;
  volatile Runnable beforeList = () -> {};

  CountingConnection(RuntimeBackend runtime) {
    this.runtime = runtime;
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    calls.incrementAndGet();
    if (request.method().name().equals("GetContainerEvents")) {
      events = listener;
    }
    if (request.method().name().equals("ListPodSandbox")) {
      beforeList.run();
    }
    return runtime.start(request, listener);
  }

  void endEvents() {
    requireNonNull(events).onClose(RpcStatus.OK);
  }

  @Override
  public void onReachabilityChange(Runnable listener) {
    runtime.onReachabilityChange(listener);
  }

  @Override
  public String address() {
    return "another way";
  }
}
