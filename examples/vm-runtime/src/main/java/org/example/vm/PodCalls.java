package org.example.vm;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.PodSandboxNetworkStatus;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RemovePodSandboxResponse;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.StopPodSandboxResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** The pod sandbox rpcs. A sandbox has a network; its container has the machine. */
record PodCalls(Pods pods, PodNetwork network, ContainerCalls containers, Events events) {
  // snippet: pods
  RunPodSandboxResponse run(RunPodSandboxRequest request)
      throws RpcException, IOException, InterruptedException {
    check(request);
    String name = Pod.nameOf(request.getConfig().getMetadata());
    if (!pods.reserve(name)) {
      throw new RpcException(Code.ALREADY_EXISTS, "there is already a sandbox named " + name);
    }
    Pod pod = Pod.create(Pods.newFolder(pods.podFolder()), request);
    synchronized (pod) {
      try {
        start(pod);
      } catch (IOException e) {
        abandon(pod, e);
        throw new RpcException(Code.INTERNAL, "sandbox " + name + ": " + e.getMessage());
      } catch (InterruptedException | RuntimeException e) {
        abandon(pod, e);
        throw e;
      }
    }
    return RunPodSandboxResponse.newBuilder().setPodSandboxId(pod.id()).build();
  }

  private void start(Pod pod) throws IOException, InterruptedException {
    PodSandboxStatus.Builder ready =
        pod.status().toBuilder().setState(PodSandboxState.SANDBOX_READY);
    if (!pod.usesNetworkOfNode()) {
      PodAddress address = network.connect(pod.id(), pod.folder(), pod.config());
      ready.setNetwork(PodSandboxNetworkStatus.newBuilder().setIp(address.ip()));
    }
    pod.setStatus(ready.build());
    pods.add(pod);
    events.publish(ContainerEventType.CONTAINER_CREATED_EVENT, pod.id(), pod);
    events.publish(ContainerEventType.CONTAINER_STARTED_EVENT, pod.id(), pod);
  }

  ListPodSandboxResponse list(ListPodSandboxRequest request) {
    PodSandboxFilter filter = request.getFilter();
    return ListPodSandboxResponse.newBuilder()
        .addAllItems(
            pods.all().stream()
                .map(Pod::listed)
                .filter(pod -> filter.getId().isEmpty() || filter.getId().equals(pod.getId()))
                .filter(pod -> !filter.hasState() || filter.getState().getState() == pod.getState())
                .filter(pod -> hasAll(pod.getLabelsMap(), filter.getLabelSelectorMap()))
                .toList())
        .build();
  }

  PodSandboxStatusResponse status(PodSandboxStatusRequest request) throws RpcException {
    Pod pod = pods.get(request.getPodSandboxId()); // or NOT_FOUND
    PodSandboxStatusResponse.Builder response =
        PodSandboxStatusResponse.newBuilder()
            .setStatus(pod.status())
            .addAllContainersStatuses(
                pod.eachContainer().stream().map(VmContainer::status).toList())
            .setTimestamp(Clocks.nanos());
    if (request.getVerbose()) {
      response.putInfo("folder", pod.folder().toString());
    }
    return response.build();
  }

  // end

  static boolean hasAll(Map<String, String> labels, Map<String, String> wanted) {
    return labels.entrySet().containsAll(wanted.entrySet());
  }

  private void check(RunPodSandboxRequest request) throws RpcException {
    if (!request.getConfig().hasMetadata()) {
      throw new RpcException(Code.INVALID_ARGUMENT, "a sandbox needs metadata");
    }
    String handler = request.getRuntimeHandler();
    if (!handler.isEmpty() && !handler.equals(NodeCalls.HANDLER)) {
      throw new RpcException(
          Code.INVALID_ARGUMENT,
          "there is no runtime handler '" + handler + "', only '" + NodeCalls.HANDLER + "'");
    }
  }

  /** Cleans up a sandbox whose start has failed. */
  private void abandon(Pod pod, Exception reason) {
    try {
      network.disconnect(pod.id(), pod.folder());
      pods.remove(pod);
    } catch (IOException | InterruptedException e) {
      pods.release(Pod.nameOf(pod.config().getMetadata()));
      reason.addSuppressed(e);
    }
  }

  // snippet: gone
  StopPodSandboxResponse stop(StopPodSandboxRequest request)
      throws IOException, InterruptedException, RpcException {
    Optional<Pod> pod = pods.find(request.getPodSandboxId());
    if (pod.isPresent()) {
      synchronized (pod.get()) {
        stop(pod.get());
      }
    }
    return StopPodSandboxResponse.getDefaultInstance(); // also if it is gone
  }

  private void stop(Pod pod) throws IOException, InterruptedException, RpcException {
    for (VmContainer container : pod.eachContainer()) {
      containers.kill(container);
    }
    network.disconnect(pod.id(), pod.folder());
    if (pod.isReady()) {
      pod.setStatus(pod.status().toBuilder().setState(PodSandboxState.SANDBOX_NOTREADY).build());
      events.publish(ContainerEventType.CONTAINER_STOPPED_EVENT, pod.id(), pod);
    }
  }

  RemovePodSandboxResponse remove(RemovePodSandboxRequest request)
      throws IOException, InterruptedException, RpcException {
    Optional<Pod> pod = pods.find(request.getPodSandboxId());
    if (pod.isPresent()) {
      synchronized (pod.get()) {
        stop(pod.get());
        for (VmContainer container : pod.get().eachContainer()) {
          containers.remove(pod.get(), container);
        }
        pods.remove(pod.get());
      }
      events.publish(ContainerEventType.CONTAINER_DELETED_EVENT, pod.get().id(), pod.get());
    }
    return RemovePodSandboxResponse.getDefaultInstance(); // also if it is gone
  }
  // end
}
