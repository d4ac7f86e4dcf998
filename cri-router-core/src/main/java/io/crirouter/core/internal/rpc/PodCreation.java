package io.crirouter.core.internal.rpc;

import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ForwardingListener;
import io.crirouter.core.PodView;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.inventory.ConfigSeen;
import io.crirouter.core.internal.node.RequiredFeatures;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.observation.PartTrace;
import io.crirouter.core.internal.routing.Decision;
import io.crirouter.core.internal.routing.PodReader;
import io.crirouter.core.internal.routing.Routing;
import io.crirouter.core.internal.schema.FieldSchema;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.routing.Reference;

/**
 * Sends a new pod to the backend that {@link Routing} chooses. It is not sent to a secondary before
 * all connect steps have run; it waits for one that is connecting. Works for every rpc whose
 * request has a sandbox config and a runtime handler.
 */
final class PodCreation implements Operation {
  private static final String CONFIG_TYPE = "PodSandboxConfig";

  private final Routing routing;
  private final RequiredFeatures features;
  private final int configField;
  private final int handlerField;

  /**
   * @throws IllegalStateException if requests of the rpc have no config or no handler
   */
  PodCreation(MethodSchema method, Routing routing, RequiredFeatures features) {
    this.routing = routing;
    this.features = features;
    int config = 0;
    int handler = 0;
    for (FieldSchema field : method.request().fields()) {
      if (field.message() != null && field.message().name().equals(CONFIG_TYPE)) {
        config = field.number();
      } else if (field.reference() == Reference.RUNTIME_HANDLER) {
        handler = field.number();
      }
    }
    if (config == 0 || handler == 0) {
      throw new IllegalStateException(method.name() + " has no pod to place");
    }
    this.configField = config;
    this.handlerField = handler;
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener, CallTrace trace)
      throws RpcException, MalformedMessageException {
    WireMessage message = WireMessage.parse(request.message());
    WireMessage config = message.message(configField);
    PodView pod = PodReader.read(config, message.string(handlerField));
    Decision decision = routing.decide(pod);
    decision.note(trace, pod);
    Backend backend = decision.backend();
    PartTrace part = trace.part(backend.name(), request.method());
    Operation creation = (sent, client, same) -> create(sent, client, pod, config, backend, part);
    return backend.isPrimary() || backend.health().isReady()
        ? creation.start(request, listener, trace)
        : backend
            .gate()
            .start(
                request,
                listener,
                (sent, client, same) -> creation.startOrRefuse(sent, client, trace),
                part);
  }

  private RuntimeCall create(
      CriRequest request,
      ResponseListener listener,
      PodView pod,
      WireMessage config,
      Backend backend,
      PartTrace part)
      throws RpcException, MalformedMessageException {
    features.requireForSandbox(backend, config);
    backend.admission().enter();
    try {
      return backend.call(request, new Watch(pod, backend, listener), part);
    } catch (RpcException | MalformedMessageException e) {
      backend.admission().leave();
      throw e;
    }
  }

  /** Records creations that end without a definite answer. */
  private static final class Watch extends ForwardingListener {
    private final PodView pod;
    private final Backend backend;

    Watch(PodView pod, Backend backend, ResponseListener client) {
      super(client);
      this.pod = pod;
      this.backend = backend;
    }

    @Override
    public void onClose(RpcStatus status) {
      boolean neverReached =
          status.isUnreachable() && backend.health().condition().phase() == Phase.NEVER_SEEN;
      if (!status.isOk() && !neverReached && !isDefinite(status)) {
        backend.inventory().creationUncertain(pod.uid(), ConfigSeen.of(pod.annotations()));
      }
      backend.admission().leave();
      super.onClose(status);
    }

    /** Whether the status means that no sandbox was created. */
    private static boolean isDefinite(RpcStatus status) {
      return status.origin() == RpcStatus.Origin.RUNTIME
          && status.code() != Code.CANCELLED
          && status.code() != Code.DEADLINE_EXCEEDED
          && status.code() != Code.UNAVAILABLE;
    }
  }
}
