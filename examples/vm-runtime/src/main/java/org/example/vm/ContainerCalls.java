package org.example.vm;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ContainerStatusResponse;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.CreateContainerResponse;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.RemoveContainerResponse;
import io.crirouter.proto.v1.ReopenContainerLogRequest;
import io.crirouter.proto.v1.ReopenContainerLogResponse;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StartContainerResponse;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.proto.v1.StopContainerResponse;
import io.crirouter.proto.v1.UpdateContainerResourcesRequest;
import io.crirouter.proto.v1.UpdateContainerResourcesResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The container rpcs. A container is a machine, and a pod runs one at a time. */
record ContainerCalls(Pods pods, ImageStore images, Boot boot, Events events) {
  private static final Duration KILL_LIMIT = Duration.ofSeconds(20);

  /** A guest that is still booting misses the power button, so it is pressed again. */
  private static final Duration PRESS_PERIOD = Duration.ofSeconds(2);

  // snippet: containers
  CreateContainerResponse create(CreateContainerRequest request) throws RpcException, IOException {
    Pod pod = pods.get(request.getPodSandboxId()); // or NOT_FOUND
    ContainerConfig config = request.getConfig();
    boot.check(config);
    synchronized (pod) {
      requireReady(pod);
      StoredImage image = imageOf(config);
      String name = VmContainer.nameOf(config);
      if (pod.eachContainer().stream().anyMatch(other -> nameOf(other).equals(name))) {
        throw new RpcException(
            Code.ALREADY_EXISTS, "the pod already has a container named " + name);
      }
      VmContainer container =
          VmContainer.create(Pods.newFolder(pods.containerFolder()), request, image);
      pods.add(pod, container);
      events.publish(ContainerEventType.CONTAINER_CREATED_EVENT, container.id(), pod);
      return CreateContainerResponse.newBuilder().setContainerId(container.id()).build();
    }
  }

  StartContainerResponse start(StartContainerRequest request)
      throws RpcException, InterruptedException {
    VmContainer container = pods.getContainer(request.getContainerId());
    Pod pod = pods.podOf(container);
    synchronized (pod) {
      requireReady(pod);
      if (!container.isIn(ContainerState.CONTAINER_CREATED)) {
        throw new RpcException(
            Code.FAILED_PRECONDITION, container.id() + " is " + container.status().getState());
      }
      if (pod.running().isPresent()) {
        throw new RpcException(
            Code.FAILED_PRECONDITION,
            "a pod has one VM at a time, and " + pod.running().get().id() + " runs");
      }
      try {
        run(pod, container);
      } catch (IOException e) {
        throw new RpcException(
            Code.INTERNAL, "the VM of " + container.id() + " does not run: " + e.getMessage());
      }
      events.publish(ContainerEventType.CONTAINER_STARTED_EVENT, container.id(), pod);
    }
    return StartContainerResponse.getDefaultInstance();
  }

  // end

  private void run(Pod pod, VmContainer container)
      throws RpcException, IOException, InterruptedException {
    Machine machine = boot.boot(pod, container, imageOf(container.config()));
    try {
      container.run(machine, exited -> ended(pod, exited));
    } catch (IOException e) { // The folder of its log is missing, for example.
      machine.kill();
      machine.close();
      throw e;
    }
  }

  private static String nameOf(VmContainer container) {
    return VmContainer.nameOf(container.config());
  }

  private static void requireReady(Pod pod) throws RpcException {
    if (!pod.isReady()) {
      throw new RpcException(Code.FAILED_PRECONDITION, "sandbox " + pod.id() + " is not ready");
    }
  }

  private StoredImage imageOf(ContainerConfig config) throws RpcException {
    String image = config.getImage().getImage();
    return images
        .find(image)
        .orElseThrow(() -> new RpcException(Code.NOT_FOUND, "there is no image " + image));
  }

  void ended(Pod pod, VmContainer container) {
    events.publish(ContainerEventType.CONTAINER_STOPPED_EVENT, container.id(), pod);
  }

  StopContainerResponse stop(StopContainerRequest request)
      throws RpcException, IOException, InterruptedException {
    Optional<VmContainer> container = pods.findContainer(request.getContainerId());
    if (container.isPresent()) {
      powerDown(container.get(), Duration.ofSeconds(request.getTimeout()));
      kill(container.get());
    }
    return StopContainerResponse.getDefaultInstance(); // also if it is gone
  }

  /** Gives a guest time to power off. The pod is not locked meanwhile. */
  private static void powerDown(VmContainer container, Duration limit)
      throws InterruptedException, RpcException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (container.isIn(ContainerState.CONTAINER_RUNNING) && System.nanoTime() < deadline) {
      try {
        container.machine().orElseThrow().powerDown();
      } catch (IOException e) {
        return; // It has ended, or its monitor hangs: the caller kills it.
      }
      long left = deadline - System.nanoTime();
      if (awaitExit(container, Duration.ofNanos(Math.min(left, PRESS_PERIOD.toNanos())))) {
        return;
      }
    }
  }

  /** Kills the machine of a running container, and waits for its end. */
  void kill(VmContainer container) throws RpcException, InterruptedException {
    if (!container.isIn(ContainerState.CONTAINER_RUNNING)) {
      return;
    }
    container.machine().ifPresent(Machine::kill);
    if (!awaitExit(container, KILL_LIMIT)) {
      throw new RpcException(
          Code.UNAVAILABLE, "the QEMU of " + container.id() + " does not end; try again");
    }
  }

  private static boolean awaitExit(VmContainer container, Duration limit)
      throws InterruptedException {
    try {
      container.whenExited().get(limit.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  RemoveContainerResponse remove(RemoveContainerRequest request)
      throws RpcException, IOException, InterruptedException {
    Optional<VmContainer> container = pods.findContainer(request.getContainerId());
    if (container.isPresent()) {
      Pod pod = pods.podOf(container.get());
      synchronized (pod) {
        kill(container.get());
        remove(pod, container.get());
      }
    }
    return RemoveContainerResponse.getDefaultInstance();
  }

  /** Removes a container that does not run. */
  void remove(Pod pod, VmContainer container) throws IOException {
    pods.remove(pod, container);
    events.publish(ContainerEventType.CONTAINER_DELETED_EVENT, container.id(), pod);
  }

  ContainerStatusResponse status(ContainerStatusRequest request) throws RpcException {
    VmContainer container = pods.getContainer(request.getContainerId());
    ContainerStatusResponse.Builder response =
        ContainerStatusResponse.newBuilder().setStatus(container.status());
    if (request.getVerbose()) {
      response.putInfo("pid", String.valueOf(container.machine().map(Machine::pid).orElse(0L)));
    }
    return response.build();
  }

  ListContainersResponse list(ListContainersRequest request) {
    ContainerFilter filter = request.getFilter();
    List<Container> found =
        pods.allContainers().stream()
            .map(VmContainer::listed)
            .filter(container -> isOrUnset(filter.getId(), container.getId()))
            .filter(container -> isOrUnset(filter.getPodSandboxId(), container.getPodSandboxId()))
            .filter(
                container ->
                    !filter.hasState() || filter.getState().getState() == container.getState())
            .filter(
                container ->
                    PodCalls.hasAll(container.getLabelsMap(), filter.getLabelSelectorMap()))
            .toList();
    return ListContainersResponse.newBuilder().addAllContainers(found).build();
  }

  static boolean isOrUnset(String wanted, String value) {
    return wanted.isEmpty() || wanted.equals(value);
  }

  /** Refuses changes of processors and memory, which a machine cannot change. */
  UpdateContainerResourcesResponse update(UpdateContainerResourcesRequest request)
      throws RpcException {
    VmContainer container = pods.getContainer(request.getContainerId());
    boot.checkUpdate(container, request.getLinux());
    return UpdateContainerResourcesResponse.getDefaultInstance();
  }

  ReopenContainerLogResponse reopenLog(ReopenContainerLogRequest request)
      throws RpcException, IOException {
    running(request.getContainerId()).console().orElseThrow().reopenLog();
    return ReopenContainerLogResponse.getDefaultInstance();
  }

  /** A running container; throws if it does not run. */
  VmContainer running(String id) throws RpcException {
    VmContainer container = pods.getContainer(id);
    if (!container.isIn(ContainerState.CONTAINER_RUNNING) || container.console().isEmpty()) {
      throw new RpcException(Code.FAILED_PRECONDITION, "container " + id + " does not run");
    }
    return container;
  }
}
