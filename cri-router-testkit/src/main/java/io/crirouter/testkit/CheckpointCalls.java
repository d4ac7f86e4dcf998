package io.crirouter.testkit;

import io.crirouter.core.Rpc;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.CheckpointContainerRequest;
import io.crirouter.proto.v1.CheckpointContainerResponse;
import io.crirouter.proto.v1.CheckpointPodRequest;
import io.crirouter.proto.v1.CheckpointPodResponse;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.RestorePodRequest;
import io.crirouter.proto.v1.RestorePodResponse;
import io.crirouter.proto.v1.RestoredContainer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The rpcs about checkpoints. State is guarded by the lock of {@link FakeState}. */
final class CheckpointCalls {
  /** The configs of a pod sandbox and its containers, by container name. */
  private record Checkpoint(PodSandboxConfig config, Map<String, ContainerConfig> containers) {}

  private final FakeState state;
  private final ContainerCalls containerCalls;
  private final Map<String, Checkpoint> pods = new LinkedHashMap<>();
  private final Set<String> containerArchives = new TreeSet<>();

  CheckpointCalls(FakeState state, ContainerCalls containerCalls) {
    this.state = state;
    this.containerCalls = containerCalls;
  }

  void register(Rpcs rpcs) {
    rpcs.unary(Rpc.CHECKPOINT_CONTAINER, this::container);
    rpcs.unary(Rpc.CHECKPOINT_POD, this::pod);
    rpcs.unary(Rpc.RESTORE_POD, this::restore);
  }

  /** The paths that checkpoints were written to. */
  Set<String> paths() {
    Set<String> paths = new TreeSet<>(containerArchives);
    paths.addAll(pods.keySet());
    return paths;
  }

  private CheckpointContainerResponse container(CheckpointContainerRequest request)
      throws RpcException {
    state.runningContainer(request.getContainerId());
    containerArchives.add(requirePath(request.getLocation()));
    return CheckpointContainerResponse.getDefaultInstance();
  }

  private CheckpointPodResponse pod(CheckpointPodRequest request) throws RpcException {
    FakePod pod = state.pod(request.getPodSandboxId());
    if (!pod.isReady()) {
      throw new RpcException(Code.FAILED_PRECONDITION, "sandbox " + pod.id + " is not running");
    }
    Map<String, ContainerConfig> saved = new LinkedHashMap<>();
    for (FakeContainer container : chosen(pod, request.getContainerIdsList())) {
      saved.put(container.config.getMetadata().getName(), container.config);
    }
    pods.put(requirePath(request.getOutputPath()), new Checkpoint(pod.config(), saved));
    return CheckpointPodResponse.getDefaultInstance();
  }

  private List<FakeContainer> chosen(FakePod pod, List<String> ids) throws RpcException {
    if (ids.isEmpty()) {
      return state.containersOf(pod).stream().filter(FakeContainer::isRunning).toList();
    }
    List<FakeContainer> chosen = new ArrayList<>();
    for (String id : ids) {
      FakeContainer container = state.runningContainer(id);
      if (!container.podId.equals(pod.id)) {
        throw new RpcException(
            Code.INVALID_ARGUMENT, "container " + container.id + " is not in sandbox " + pod.id);
      }
      chosen.add(container);
    }
    return chosen;
  }

  private RestorePodResponse restore(RestorePodRequest request) throws RpcException {
    Checkpoint checkpoint = pods.get(request.getCheckpointPath());
    if (checkpoint == null) {
      throw new RpcException(
          Code.NOT_FOUND, "no checkpoint of a pod at " + request.getCheckpointPath());
    }
    List<ContainerConfig> configs = configs(request, checkpoint);
    PodSandboxConfig config = request.hasConfig() ? request.getConfig() : checkpoint.config();
    FakePod pod = state.runPod(config, request.getRuntimeHandler());
    try {
      return restore(pod, configs);
    } catch (RpcException e) {
      state.remove(pod);
      throw e;
    }
  }

  private RestorePodResponse restore(FakePod pod, List<ContainerConfig> configs)
      throws RpcException {
    RestorePodResponse.Builder response = RestorePodResponse.newBuilder().setPodSandboxId(pod.id);
    for (ContainerConfig config : configs) {
      FakeContainer container = containerCalls.create(pod, config);
      state.start(container);
      response.addRestoredContainers(
          RestoredContainer.newBuilder()
              .setName(config.getMetadata().getName())
              .setContainerId(container.id));
    }
    return response.build();
  }

  /** The configs of the checkpoint, replaced by those of the request where it has them. */
  private static List<ContainerConfig> configs(RestorePodRequest request, Checkpoint checkpoint)
      throws RpcException {
    Map<String, ContainerConfig> given =
        request.getContainerConfigsList().stream()
            .collect(Collectors.toMap(c -> c.getMetadata().getName(), c -> c, (a, b) -> b));
    for (String name : given.keySet()) {
      if (!checkpoint.containers().containsKey(name)) {
        throw new RpcException(
            Code.INVALID_ARGUMENT, "the checkpoint has no container \"" + name + "\"");
      }
    }
    Map<String, ContainerConfig> all = new LinkedHashMap<>(checkpoint.containers());
    all.putAll(given);
    return List.copyOf(all.values());
  }

  private static String requirePath(String path) throws RpcException {
    if (path.isEmpty()) {
      throw new RpcException(Code.INVALID_ARGUMENT, "the checkpoint needs a path");
    }
    return path;
  }
}
