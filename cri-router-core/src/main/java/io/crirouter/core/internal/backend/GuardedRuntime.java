package io.crirouter.core.internal.backend;

import static java.util.Objects.requireNonNull;

import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Handles a {@code start} that throws or returns null although it must not: the runtime counts as
 * unreachable then. The failure is logged once until a call can be started again. The listener may
 * be closed twice, if the runtime closed it before it failed.
 */
final class GuardedRuntime extends ForwardingRuntime {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private final AtomicBoolean isReported = new AtomicBoolean();

  GuardedRuntime(RuntimeBackend runtime) {
    super(runtime);
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    try {
      RuntimeCall call = requireNonNull(runtime.start(request, listener), "it returned no call");
      if (isReported.get()) {
        isReported.set(false);
      }
      return call;
    } catch (RuntimeException | Error e) {
      if (!isReported.getAndSet(true)) {
        LOG.log(
            System.Logger.Level.ERROR,
            "runtime backend " + runtime + " failed to start " + request.method().name(),
            e);
      }
      listener.onClose(
          RpcStatus.unreachable("it failed to start " + request.method().name() + ": " + e));
      return RuntimeCall.ENDED;
    }
  }
}
