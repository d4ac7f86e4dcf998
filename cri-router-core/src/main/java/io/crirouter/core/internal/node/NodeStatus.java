package io.crirouter.core.internal.node;

import com.google.common.collect.MapMaker;
import com.google.protobuf.ByteString;
import io.crirouter.core.CallRoute.Rule;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ForwardingListener;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.observation.CallTrace;
import io.crirouter.core.internal.routing.PolicyGuard;
import io.crirouter.core.internal.schema.Rpcs;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.RuntimeStatus;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StatusResponse;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The node's Status: the primary's, queried now, with conditions for each secondary from its last
 * Status. A secondary must not make the node not ready, nor its Status slow or longer than a client
 * takes.
 */
public final class NodeStatus {
  /** What the secondaries may add to the primary's answer: conditions, handlers and info. */
  private static final int MAX_CONDITIONS_BYTES = 256 << 10;

  private static final int MAX_HANDLERS_BYTES = 256 << 10;
  private static final int MAX_INFO_BYTES = 512 << 10;

  private static final ByteString VERBOSE =
      new WireWriter().flag(StatusRequest.VERBOSE_FIELD_NUMBER, true).toByteString();

  private final Backends backends;
  private final HandlerTable handlers;
  private final CgroupDrivers cgroupDrivers;

  /**
   * The last verbose Status of each secondary, bounded. Weak keys: removed backends are dropped.
   */
  private final Map<Backend, WireMessage> last = new MapMaker().weakKeys().makeMap();

  private final Set<Backend> refreshing = ConcurrentHashMap.newKeySet();

  /**
   * The Status of these backends.
   *
   * @param policy names the backend of each runtime handler
   */
  public NodeStatus(Backends backends, PolicyGuard policy, CgroupDrivers cgroupDrivers) {
    this.backends = backends;
    this.cgroupDrivers = cgroupDrivers;
    this.handlers = new HandlerTable(backends, policy);
  }

  /** The last Status of a secondary, bounded; empty if there is none yet. */
  public WireMessage lastStatus(Backend backend) {
    return last.getOrDefault(backend, WireMessage.EMPTY);
  }

  /** Queries the Status of a secondary that is connecting. */
  public void learn(Backend backend, Runnable next) {
    if (backend.isPrimary() || !refreshing.add(backend)) {
      next.run();
      return;
    }
    backend
        .queries()
        .ask(
            Rpcs.STATUS,
            VERBOSE,
            answer -> {
              keep(answer);
              refreshing.remove(backend);
              next.run();
            });
  }

  private void keep(BackendResponse answer) {
    if (!answer.isOk()) {
      return;
    }
    try {
      last.put(answer.backend(), BoundedStatus.of(WireMessage.parse(answer.message())));
    } catch (MalformedMessageException e) {
      last.remove(answer.backend());
    }
  }

  /** Starts a Status call. */
  public RuntimeCall status(CriRequest request, ResponseListener listener, CallTrace trace)
      throws RpcException, MalformedMessageException {
    boolean verbose = WireMessage.parse(request.message()).flag(StatusRequest.VERBOSE_FIELD_NUMBER);
    trace.routed(Rule.PRIMARY_ONLY, backends.primary().name(), "");
    RuntimeCall call = backends.primary().call(request, new Extend(listener, verbose), trace);
    for (Backend backend : backends.secondaries()) {
      if (backend.health().condition().isReady()) {
        learn(backend, () -> {});
      }
    }
    return call;
  }

  /** Adds the conditions and handlers of the secondaries to the primary's response. */
  private final class Extend extends ForwardingListener {
    private final boolean verbose;
    private boolean failed;

    Extend(ResponseListener client, boolean verbose) {
      super(client);
      this.verbose = verbose;
    }

    @Override
    public void onMessage(ByteString message) {
      ByteString extended;
      try {
        extended = extend(WireMessage.parse(message), verbose);
      } catch (MalformedMessageException e) {
        failed = true;
        super.onClose(
            RpcStatus.of(
                Code.INTERNAL,
                String.format(
                    "runtime %s answered Status with a malformed message: %s",
                    backends.primary().name(), e.getMessage())));
        return;
      }
      super.onMessage(extended);
    }

    @Override
    public void onClose(RpcStatus status) {
      if (!failed) {
        super.onClose(status);
      }
    }
  }

  private List<ByteString> conditions(Backend backend) throws MalformedMessageException {
    return SecondaryConditions.of(backend, lastStatus(backend), cgroupDrivers.mismatch(backend));
  }

  private ByteString extend(WireMessage primary, boolean verbose) throws MalformedMessageException {
    WireWriter status = new WireWriter().raw(primary.value(StatusResponse.STATUS_FIELD_NUMBER));
    Section conditions =
        new Section(status, RuntimeStatus.CONDITIONS_FIELD_NUMBER, MAX_CONDITIONS_BYTES);
    for (Backend backend : backends.secondaries()) {
      conditions(backend).forEach(conditions::add);
    }
    WireWriter response =
        new WireWriter()
            .message(StatusResponse.STATUS_FIELD_NUMBER, status.toByteString())
            .raw(
                primary.without(
                    StatusResponse.STATUS_FIELD_NUMBER,
                    StatusResponse.RUNTIME_HANDLERS_FIELD_NUMBER));
    Section entries =
        new Section(
            response,
            StatusResponse.RUNTIME_HANDLERS_FIELD_NUMBER,
            primary.toByteString().size() + MAX_HANDLERS_BYTES);
    handlers.entries(primary, this::lastStatus).forEach(entries::add);
    if (verbose) {
      addInfo(response);
    }
    return response.toByteString();
  }

  /** The primary's keys stay unchanged, because tools parse them. */
  private void addInfo(WireWriter response) throws MalformedMessageException {
    Section info = new Section(response, StatusResponse.INFO_FIELD_NUMBER, MAX_INFO_BYTES);
    StringBuilder own = new StringBuilder();
    for (Backend backend : backends.all()) {
      own.append(own.isEmpty() ? "" : "; ")
          .append(backend)
          .append(": ")
          .append(SecondaryConditions.word(backend.health().condition()));
    }
    info.add("cri-router", own.toString());
    for (Backend backend : backends.secondaries()) {
      for (Map.Entry<String, String> entry :
          lastStatus(backend).stringMap(StatusResponse.INFO_FIELD_NUMBER).entrySet()) {
        info.add(backend.name() + "/" + entry.getKey(), entry.getValue());
      }
    }
  }
}
