package io.crirouter.testkit;

import io.crirouter.core.Rpc;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.LinuxPodSandboxConfig;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RemovePodSandboxResponse;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.StopPodSandboxResponse;
import io.crirouter.proto.v1.StreamPodSandboxesResponse;
import io.crirouter.proto.v1.UpdatePodSandboxResourcesRequest;
import io.crirouter.proto.v1.UpdatePodSandboxResourcesResponse;
import java.util.List;
import java.util.Optional;

/** The rpcs about pod sandboxes, and the events. */
final class PodCalls {
  private final FakeState state;
  private final boolean hasEvents;

  PodCalls(FakeState state, boolean hasEvents) {
    this.state = state;
    this.hasEvents = hasEvents;
  }

  void register(Rpcs rpcs) {
    rpcs.unary(Rpc.RUN_POD_SANDBOX, this::run);
    rpcs.unary(Rpc.STOP_POD_SANDBOX, this::stop);
    rpcs.unary(Rpc.REMOVE_POD_SANDBOX, this::remove);
    rpcs.unary(Rpc.POD_SANDBOX_STATUS, this::status);
    rpcs.unary(
        Rpc.LIST_POD_SANDBOX,
        request ->
            ListPodSandboxResponse.newBuilder().addAllItems(list(request.getFilter())).build());
    rpcs.chunks(
        Rpc.STREAM_POD_SANDBOXES,
        request -> list(request.getFilter()),
        chunk -> StreamPodSandboxesResponse.newBuilder().addAllPodSandboxes(chunk).build());
    rpcs.unary(Rpc.UPDATE_POD_SANDBOX_RESOURCES, this::update);
    rpcs.streaming(Rpc.GET_CONTAINER_EVENTS, (request, sink) -> state.events.subscribe(sink));
  }

  private RunPodSandboxResponse run(RunPodSandboxRequest request) throws RpcException {
    if (!request.hasConfig()) {
      throw new RpcException(Code.UNKNOWN, "the request has no sandbox config");
    }
    FakePod pod = state.runPod(request.getConfig(), request.getRuntimeHandler());
    return RunPodSandboxResponse.newBuilder().setPodSandboxId(pod.id).build();
  }

  private StopPodSandboxResponse stop(StopPodSandboxRequest request) throws RpcException {
    Optional<FakePod> pod = state.findPod(request.getPodSandboxId());
    if (pod.isEmpty()) {
      state.recording.requireNotRefused("StopPodSandbox", "no such pod", request.getPodSandboxId());
    }
    pod.ifPresent(state::stop);
    return StopPodSandboxResponse.getDefaultInstance();
  }

  private RemovePodSandboxResponse remove(RemovePodSandboxRequest request) throws RpcException {
    state.findPod(request.getPodSandboxId()).ifPresent(state::remove);
    return RemovePodSandboxResponse.getDefaultInstance();
  }

  private PodSandboxStatusResponse status(PodSandboxStatusRequest request) throws RpcException {
    FakePod pod = state.pod(request.getPodSandboxId());
    PodSandboxStatusResponse.Builder response =
        PodSandboxStatusResponse.newBuilder().setStatus(pod.status());
    if (hasEvents) {
      response.addAllContainersStatuses(state.statusesOf(pod)).setTimestamp(state.now());
    }
    if (request.getVerbose()) {
      response.putInfo("info", Json.object("sandboxID", pod.id, "config", pod.config().toString()));
    }
    return response.build();
  }

  private List<PodSandbox> list(PodSandboxFilter filter) {
    return state.pods().stream().map(FakePod::listed).filter(Filters.of(filter, state)).toList();
  }

  private UpdatePodSandboxResourcesResponse update(UpdatePodSandboxResourcesRequest request)
      throws RpcException {
    FakePod pod = state.pod(request.getPodSandboxId());
    LinuxPodSandboxConfig.Builder linux = pod.config().getLinux().toBuilder();
    if (request.hasOverhead()) {
      linux.setOverhead(request.getOverhead());
    }
    if (request.hasResources()) {
      linux.setResources(request.getResources());
    }
    pod.reconfigure(pod.config().toBuilder().setLinux(linux).build());
    return UpdatePodSandboxResourcesResponse.getDefaultInstance();
  }
}
