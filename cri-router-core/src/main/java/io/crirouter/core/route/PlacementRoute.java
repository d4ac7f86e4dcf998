package io.crirouter.core.route;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.CriRequest;
import io.crirouter.core.PodView;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.Scheduler;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.ConnectingCall;
import io.crirouter.core.backend.ForwardingListener;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.WireMessage;

/**
 * A new pod goes where the policy says. It is not sent to a secondary that has not yet been told
 * what it must know and asked what it has: one that is connecting is waited for. Works for every
 * rpc whose request has a sandbox config and a runtime handler and whose response has the sandbox's
 * id.
 *
 * @param fields where these are
 */
record PlacementRoute(
    Fields fields,
    Whose whose,
    Placements placements,
    RequiredFeatures features,
    Scheduler scheduler)
    implements Operation {

  /** Field numbers of config and handler in the request, and of the id in the response. */
  record Fields(int config, int runtimeHandler, int sandboxId) {}

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException {
    WireMessage message = WireMessage.parse(request.message());
    WireMessage config = message.message(fields.config);
    PodView pod = PodReader.read(config, message.string(fields.runtimeHandler));
    Backend backend = whose.pod(pod);
    Operation placement = (sent, client) -> place(sent, client, pod, config, backend);
    return backend.isPrimary() || backend.health().condition().isReady()
        ? placement.start(request, listener)
        : ConnectingCall.start(request, listener, backend, placement::startOrRefuse, scheduler);
  }

  private RuntimeCall place(
      CriRequest request,
      ResponseListener listener,
      PodView pod,
      WireMessage config,
      Backend backend)
      throws RpcException, MalformedMessageException {
    features.requireForSandbox(backend, config);
    backend.admission().enter();
    try {
      return backend.call(request, new Watch(pod, backend, listener));
    } catch (RpcException | MalformedMessageException e) {
      backend.admission().leave();
      throw e;
    }
  }

  /** Notes where the pod ended up. */
  private final class Watch extends ForwardingListener {
    private final PodView pod;
    private final Backend backend;

    Watch(PodView pod, Backend backend, ResponseListener client) {
      super(client);
      this.pod = pod;
      this.backend = backend;
    }

    @Override
    public void onMessage(ByteString message) {
      try {
        placements.placed(pod, backend, WireMessage.parse(message).string(fields.sandboxId));
      } catch (MalformedMessageException e) {
        placements.maybePlaced(pod, backend);
      }
      super.onMessage(message);
    }

    @Override
    public void onClose(RpcStatus status) {
      boolean neverReached =
          status.isUnreachable() && backend.health().condition().phase() == Phase.NEVER_SEEN;
      if (!status.isOk() && !neverReached && !isDefinite(status)) {
        placements.maybePlaced(pod, backend);
      }
      backend.admission().leave();
      super.onClose(status);
    }

    /** Whether the status means that no sandbox was made. */
    private boolean isDefinite(RpcStatus status) {
      return status.origin() == RpcStatus.Origin.RUNTIME
          && status.code() != Code.CANCELLED
          && status.code() != Code.DEADLINE_EXCEEDED
          && status.code() != Code.UNAVAILABLE;
    }
  }
}
