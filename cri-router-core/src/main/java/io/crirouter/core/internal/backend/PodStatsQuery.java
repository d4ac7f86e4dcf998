package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.internal.call.ResponseCollector;
import io.crirouter.core.internal.call.SteppedCall;
import io.crirouter.core.internal.schema.Rpcs;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.routing.Route;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerStatsFilter;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxStatsRequest;
import io.crirouter.proto.v1.ListPodSandboxStatsResponse;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatsFilter;
import io.crirouter.proto.v1.PodSandboxStatsRequest;
import io.crirouter.proto.v1.PodSandboxStatsResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers ListPodSandboxStats or PodSandboxStats for a runtime that does not have them (they came
 * with Kubernetes 1.23): asks for its sandboxes, containers and container stats, one after the
 * other, and sums up the stats.
 */
final class PodStatsQuery {
  private static final List<CriMethod> LISTS =
      List.of(Rpcs.LIST_POD_SANDBOX, Rpcs.LIST_CONTAINERS, Rpcs.LIST_CONTAINER_STATS);

  private final RuntimeBackend runtime;
  private final CriRequest request;
  private final boolean isOfOne;
  private final ResponseListener listener;
  private final List<ByteString> answers = new ArrayList<>();
  private List<ByteString> filters = List.of();

  private final SteppedCall call = new SteppedCall();

  PodStatsQuery(RuntimeBackend runtime, CriRequest request, ResponseListener listener) {
    this.runtime = runtime;
    this.request = request;
    this.isOfOne = Schema.of(request.method()).route() == Route.POD_SANDBOX;
    this.listener = listener;
  }

  RuntimeCall start() {
    try {
      filters = isOfOne ? filtersOfOne() : filtersOfAll();
    } catch (MalformedMessageException e) {
      listener.onClose(
          RpcStatus.of(
              Code.INVALID_ARGUMENT,
              "malformed " + request.method().name() + ": " + e.getMessage()));
      return RuntimeCall.ENDED;
    }
    next();
    return call;
  }

  private List<ByteString> filtersOfOne() throws MalformedMessageException {
    String id =
        WireMessage.parse(request.message())
            .string(PodSandboxStatsRequest.POD_SANDBOX_ID_FIELD_NUMBER);
    return filters(id, new WireWriter().string(PodSandboxFilter.ID_FIELD_NUMBER, id));
  }

  /** The same filter for each of the three lists. */
  private List<ByteString> filtersOfAll() throws MalformedMessageException {
    WireMessage filter =
        WireMessage.parse(request.message())
            .message(ListPodSandboxStatsRequest.FILTER_FIELD_NUMBER);
    String id = filter.string(PodSandboxStatsFilter.ID_FIELD_NUMBER);
    ByteString ready =
        new WireWriter().number(1, PodSandboxState.SANDBOX_READY.getNumber()).toByteString();
    WireWriter sandboxes =
        new WireWriter()
            .string(PodSandboxFilter.ID_FIELD_NUMBER, id)
            .message(PodSandboxFilter.STATE_FIELD_NUMBER, ready)
            .stringMap(
                PodSandboxFilter.LABEL_SELECTOR_FIELD_NUMBER,
                filter.stringMap(PodSandboxStatsFilter.LABEL_SELECTOR_FIELD_NUMBER));
    return filters(id, sandboxes);
  }

  private static List<ByteString> filters(String id, WireWriter sandboxes) {
    WireWriter containers =
        new WireWriter().string(ContainerFilter.POD_SANDBOX_ID_FIELD_NUMBER, id);
    WireWriter stats =
        new WireWriter().string(ContainerStatsFilter.POD_SANDBOX_ID_FIELD_NUMBER, id);
    return List.of(asFilter(sandboxes), asFilter(containers), asFilter(stats));
  }

  private static ByteString asFilter(WireWriter filter) {
    return new WireWriter()
        .message(ListPodSandboxRequest.FILTER_FIELD_NUMBER, filter.toByteString())
        .toByteString();
  }

  private void next() {
    int step = answers.size();
    String gone = call.cancelled();
    if (gone != null) {
      listener.onClose(RpcStatus.of(Code.CANCELLED, gone));
      return;
    }
    CriRequest list = request.with(LISTS.get(step), filters.get(step));
    call.enter(step, ResponseCollector.start(runtime, list, this::onAnswer));
  }

  private void onAnswer(RpcStatus status, ByteString answer) {
    if (!status.isOk()) {
      listener.onClose(status);
      return;
    }
    answers.add(answer);
    if (answers.size() < LISTS.size()) {
      next();
      return;
    }
    try {
      conclude(PodStats.of(answers.get(0), answers.get(1), answers.get(2)));
    } catch (MalformedMessageException e) {
      listener.onClose(
          RpcStatus.of(Code.INTERNAL, "malformed list for pod stats: " + e.getMessage()));
    }
  }

  private void conclude(ByteString stats) throws MalformedMessageException {
    if (isOfOne) {
      List<ByteString> all =
          WireMessage.parse(stats).values(ListPodSandboxStatsResponse.STATS_FIELD_NUMBER);
      if (all.isEmpty()) {
        listener.onClose(
            RpcStatus.fromRuntime(
                Code.NOT_FOUND, "there is no such pod sandbox", CallMetadata.EMPTY));
        return;
      }
      listener.onMessage(
          new WireWriter()
              .message(PodSandboxStatsResponse.STATS_FIELD_NUMBER, all.get(0))
              .toByteString());
    } else {
      listener.onMessage(stats);
    }
    listener.onClose(RpcStatus.OK);
  }
}
