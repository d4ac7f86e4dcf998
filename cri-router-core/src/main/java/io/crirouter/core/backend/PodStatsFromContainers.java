package io.crirouter.core.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.WireMessage;
import io.crirouter.core.wire.WireWriter;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerStatsFilter;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxStatsRequest;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatsFilter;
import java.util.ArrayList;
import java.util.List;

/**
 * Answers ListPodSandboxStats for a runtime that does not have it (it came with Kubernetes 1.23)
 * from the runtime's sandboxes, containers and container stats.
 */
final class PodStatsFromContainers implements RuntimeBackend {
  private static final String RPC = "ListPodSandboxStats";

  private final RuntimeBackend runtime;

  private PodStatsFromContainers(RuntimeBackend runtime) {
    this.runtime = runtime;
  }

  static RuntimeBackend over(RuntimeBackend runtime) {
    return new PodStatsFromContainers(runtime);
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    if (!request.method().name().equals(RPC)) {
      return runtime.start(request, listener);
    }
    return Fallback.start(
        runtime, request, listener, to -> new Synthesis(runtime, request, to).start());
  }

  @Override
  public String address() {
    return runtime.address();
  }

  @Override
  public void onReachabilityChange(Runnable listener) {
    runtime.onReachabilityChange(listener);
  }

  @Override
  public String toString() {
    return "PodStatsFromContainers(" + runtime + ")";
  }

  /** Asks for three lists, one after the other, and puts the stats together. */
  private static final class Synthesis {
    private static final List<String> LISTS =
        List.of("ListPodSandbox", "ListContainers", "ListContainerStats");

    private final RuntimeBackend runtime;
    private final CriRequest request;
    private final ResponseListener listener;
    private final List<ByteString> answers = new ArrayList<>();
    private List<ByteString> filters = List.of();

    private final SteppedCall call = new SteppedCall();

    Synthesis(RuntimeBackend runtime, CriRequest request, ResponseListener listener) {
      this.runtime = runtime;
      this.request = request;
      this.listener = listener;
    }

    RuntimeCall start() {
      try {
        filters = filters(request.message());
      } catch (MalformedMessageException e) {
        listener.onClose(
            RpcStatus.of(Code.INVALID_ARGUMENT, "malformed " + RPC + ": " + e.getMessage()));
        return RuntimeCall.ENDED;
      }
      next();
      return call;
    }

    /** The same filter in the words of the three lists. */
    private static List<ByteString> filters(ByteString message) throws MalformedMessageException {
      WireMessage filter =
          WireMessage.parse(message).message(ListPodSandboxStatsRequest.FILTER_FIELD_NUMBER);
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
      CriRequest list = request.with(CriMethod.of(LISTS.get(step)), filters.get(step));
      call.enter(step, AnswerCollector.start(runtime, list, this::onAnswer));
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
      ByteString stats;
      try {
        stats = PodStats.of(answers.get(0), answers.get(1), answers.get(2));
      } catch (MalformedMessageException e) {
        listener.onClose(
            RpcStatus.of(Code.INTERNAL, "malformed list for pod stats: " + e.getMessage()));
        return;
      }
      listener.onMessage(stats);
      listener.onClose(RpcStatus.OK);
    }
  }
}
