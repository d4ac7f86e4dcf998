package io.crirouter.testkit;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.Rpc;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ContainerStatusResponse;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.CreateContainerResponse;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.Mount;
import io.crirouter.proto.v1.NamespaceMode;
import io.crirouter.proto.v1.NamespaceOption;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.RemoveContainerResponse;
import io.crirouter.proto.v1.ReopenContainerLogRequest;
import io.crirouter.proto.v1.ReopenContainerLogResponse;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StartContainerResponse;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.proto.v1.StopContainerResponse;
import io.crirouter.proto.v1.StreamContainersResponse;
import io.crirouter.proto.v1.UpdateContainerResourcesRequest;
import io.crirouter.proto.v1.UpdateContainerResourcesResponse;
import java.util.List;
import java.util.Optional;

/** The rpcs about containers. */
final class ContainerCalls {
  private final FakeState state;

  ContainerCalls(FakeState state) {
    this.state = state;
  }

  void register(Rpcs rpcs) {
    rpcs.unary(Rpc.CREATE_CONTAINER, this::create);
    rpcs.unary(Rpc.START_CONTAINER, this::start);
    rpcs.unary(Rpc.STOP_CONTAINER, this::stop);
    rpcs.unary(Rpc.REMOVE_CONTAINER, this::remove);
    rpcs.unary(Rpc.CONTAINER_STATUS, this::status);
    rpcs.unary(
        Rpc.LIST_CONTAINERS,
        request ->
            ListContainersResponse.newBuilder()
                .addAllContainers(list(request.getFilter()))
                .build());
    rpcs.chunks(
        Rpc.STREAM_CONTAINERS,
        request -> list(request.getFilter()),
        chunk -> StreamContainersResponse.newBuilder().addAllContainers(chunk).build());
    rpcs.unary(Rpc.UPDATE_CONTAINER_RESOURCES, this::update);
    rpcs.unary(Rpc.REOPEN_CONTAINER_LOG, this::reopenLog);
  }

  private CreateContainerResponse create(CreateContainerRequest request) throws RpcException {
    FakePod pod = state.pod(request.getPodSandboxId());
    if (!pod.isReady()) {
      state.recording.requireNotRefused("CreateContainer", "stopped pod", pod.id);
    }
    FakeContainer container = create(pod, request.getConfig());
    return CreateContainerResponse.newBuilder().setContainerId(container.id).build();
  }

  /** Creates a container if its images and its target container exist. */
  FakeContainer create(FakePod pod, ContainerConfig config) throws RpcException {
    if (!config.hasMetadata()) {
      throw new RpcException(Code.UNKNOWN, "the container config has no metadata");
    }
    for (Mount mount : config.getMountsList()) {
      if (!mount.getImage().getImage().isEmpty()) {
        requireImage(mount.getImage().getImage());
      }
    }
    requireTarget(pod, config.getLinux().getSecurityContext().getNamespaceOptions());
    FakeImage image = requireImage(config.getImage().getImage());
    return state.createContainer(pod, config, image.id());
  }

  @CanIgnoreReturnValue
  private FakeImage requireImage(String ref) throws RpcException {
    Optional<FakeImage> image = state.images.resolve(ref);
    return image.orElseThrow(
        () -> new RpcException(Code.NOT_FOUND, "image \"" + ref + "\": not found"));
  }

  /** The target of a shared PID namespace must be a running container of the same sandbox. */
  private void requireTarget(FakePod pod, NamespaceOption namespaces) throws RpcException {
    if (namespaces.getPid() != NamespaceMode.TARGET) {
      return;
    }
    FakeContainer target = state.runningContainer(namespaces.getTargetId());
    if (!target.podId.equals(pod.id)) {
      throw new RpcException(
          Code.UNKNOWN,
          "container " + target.id + " is in sandbox " + target.podId + ", not in " + pod.id);
    }
  }

  private StartContainerResponse start(StartContainerRequest request) throws RpcException {
    FakeContainer container = state.container(request.getContainerId());
    if (container.state() != ContainerState.CONTAINER_CREATED) {
      throw new RpcException(
          Code.UNKNOWN,
          "container " + container.id + " cannot start: it is in state " + container.state());
    }
    if (!state.pod(container.podId).isReady()) {
      throw new RpcException(
          Code.UNKNOWN,
          "container "
              + container.id
              + " cannot start: its sandbox "
              + container.podId
              + " is not running");
    }
    state.start(container);
    return StartContainerResponse.getDefaultInstance();
  }

  private StopContainerResponse stop(StopContainerRequest request) throws RpcException {
    int code = request.getTimeout() > 0 ? ExitCodes.TERMINATED : ExitCodes.KILLED;
    Optional<FakeContainer> found = state.findContainer(request.getContainerId());
    if (found.isEmpty()) {
      state.recording.requireNotRefused(
          "StopContainer", "no such container", request.getContainerId());
    }
    found.filter(FakeContainer::isRunning).ifPresent(container -> state.exit(container, code, ""));
    return StopContainerResponse.getDefaultInstance();
  }

  private RemoveContainerResponse remove(RemoveContainerRequest request) throws RpcException {
    state.findContainer(request.getContainerId()).ifPresent(state::remove);
    return RemoveContainerResponse.getDefaultInstance();
  }

  private ContainerStatusResponse status(ContainerStatusRequest request) throws RpcException {
    FakeContainer container = state.container(request.getContainerId());
    ContainerStatusResponse.Builder response =
        ContainerStatusResponse.newBuilder().setStatus(state.status(container));
    if (request.getVerbose()) {
      response.putInfo(
          "info", Json.object("sandboxID", container.podId, "config", container.config.toString()));
    }
    return response.build();
  }

  private List<Container> list(ContainerFilter filter) {
    return state.containers().stream()
        .map(FakeContainer::listed)
        .filter(Filters.of(filter, state))
        .toList();
  }

  private UpdateContainerResourcesResponse update(UpdateContainerResourcesRequest request)
      throws RpcException {
    state.container(request.getContainerId()).updateResources(request.getLinux());
    return UpdateContainerResourcesResponse.getDefaultInstance();
  }

  private ReopenContainerLogResponse reopenLog(ReopenContainerLogRequest request)
      throws RpcException {
    FakeContainer container = state.runningContainer(request.getContainerId());
    if (container.config.getLogPath().isEmpty()) {
      throw new RpcException(Code.UNKNOWN, "container " + container.id + " has no log");
    }
    return ReopenContainerLogResponse.getDefaultInstance();
  }
}
