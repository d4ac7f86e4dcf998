package io.crirouter.core.internal.backend;

import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ForwardingListener;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.call.SteppedCall;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.proto.routing.Substitute;
import java.util.function.Function;

/**
 * Answers what a runtime does not implement by other rpcs, if the schema names such. A {@code
 * Stream*} rpc is answered by the unary list: filter and items have the same numbers in both, so
 * that the messages are the same bytes. A kubelet that once sees UNIMPLEMENTED turns streaming off
 * until it restarts, for all runtimes. Pod stats are answered by {@link PodStatsQuery}.
 */
final class SubstitutingRuntime extends ForwardingRuntime {
  SubstitutingRuntime(RuntimeBackend runtime) {
    super(runtime);
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    MethodSchema method = Schema.of(request.method());
    if (!method.listRpc().isEmpty()) {
      CriRequest list = request.with(CriMethod.of(method.listRpc()), request.message());
      return start(request, listener, client -> start(list, client));
    }
    return method.substitute() == Substitute.CONTAINER_STATS
        ? start(request, listener, client -> new PodStatsQuery(runtime, request, client).start())
        : runtime.start(request, listener);
  }

  /** Starts a call, and another one if it ends with UNIMPLEMENTED. */
  private RuntimeCall start(
      CriRequest request,
      ResponseListener client,
      Function<ResponseListener, RuntimeCall> substitute) {
    SteppedCall call = new SteppedCall();
    ResponseListener first =
        new ForwardingListener(client) {
          @Override
          public void onClose(RpcStatus status) {
            if (status.isUnimplemented() && call.cancelled() == null) {
              call.enter(1, substitute.apply(client));
            } else {
              super.onClose(status);
            }
          }
        };
    call.enter(0, runtime.start(request, first));
    return call;
  }
}
