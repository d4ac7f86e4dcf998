package io.crirouter.testkit;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.Scheduler;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.PodSandboxConfig;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The pods, containers and images of a {@link FakeRuntime}, and the changes of them with their
 * events. All methods are called from within {@link #change}, which holds the lock.
 */
final class FakeState {
  final ImageStore images = new ImageStore();
  final EventHub events = new EventHub();

  /** The recording of the runtime that this fake imitates. */
  final RuntimeRecording recording;

  private final Map<String, FakePod> pods = new LinkedHashMap<>();
  private final Map<String, FakeContainer> containers = new LinkedHashMap<>();

  /** The id of the sandbox or container that has reserved each name. */
  private final Map<String, String> reserved = new LinkedHashMap<>();

  private final Set<String> runtimeHandlers;
  private final Supplier<String> ids;
  private final Scheduler scheduler;
  private final long wallClockOffset;
  private long lastNow;
  private int addresses;

  FakeState(
      Set<String> runtimeHandlers,
      Supplier<String> ids,
      Scheduler scheduler,
      Instant startsAt,
      RuntimeRecording recording) {
    this.recording = recording;
    this.runtimeHandlers = runtimeHandlers;
    this.ids = ids;
    this.scheduler = scheduler;
    long epochNanos = TimeUnit.SECONDS.toNanos(startsAt.getEpochSecond()) + startsAt.getNano();
    this.wallClockOffset = epochNanos - scheduler.nanoTime();
  }

  /** Reads or changes the state. */
  interface Change<T, E extends Exception> {
    T apply() throws E;
  }

  /** Applies {@code change} under the lock, then delivers its events without the lock. */
  @CanIgnoreReturnValue
  <T, E extends Exception> T change(Change<T, E> change) throws E {
    try {
      synchronized (this) {
        return change.apply();
      }
    } finally {
      events.flush();
    }
  }

  /** Nanoseconds since the Unix epoch. Never the same twice, so that creations are ordered. */
  long now() {
    lastNow = Math.max(lastNow + 1, wallClockOffset + scheduler.nanoTime());
    return lastNow;
  }

  Collection<FakePod> pods() {
    return List.copyOf(pods.values());
  }

  Collection<FakeContainer> containers() {
    return List.copyOf(containers.values());
  }

  List<FakeContainer> containersOf(FakePod pod) {
    return containers.values().stream().filter(item -> item.podId.equals(pod.id)).toList();
  }

  Optional<FakePod> findPod(String id) throws RpcException {
    return Ids.find(pods, id, "pod sandbox");
  }

  FakePod pod(String id) throws RpcException {
    return findPod(id).orElseThrow(() -> notFound("pod sandbox", id));
  }

  Optional<FakeContainer> findContainer(String id) throws RpcException {
    return Ids.find(containers, id, "container");
  }

  FakeContainer container(String id) throws RpcException {
    return findContainer(id).orElseThrow(() -> notFound("container", id));
  }

  @CanIgnoreReturnValue
  FakeContainer runningContainer(String id) throws RpcException {
    FakeContainer container = container(id);
    if (!container.isRunning()) {
      throw new RpcException(
          Code.UNKNOWN, "container " + container.id + " is in state " + container.state());
    }
    return container;
  }

  /** Expands a shortened id in a filter. Like containerd, an unknown id stays as it is. */
  String podIdInFilter(String id) {
    return Ids.expand(pods, id);
  }

  String containerIdInFilter(String id) {
    return Ids.expand(containers, id);
  }

  private static RpcException notFound(String kind, String id) {
    return new RpcException(Code.NOT_FOUND, kind + " \"" + id + "\": not found");
  }

  void requireRuntimeHandler(String handler) throws RpcException {
    if (!handler.isEmpty() && !runtimeHandlers.contains(handler)) {
      throw new RpcException(Code.UNKNOWN, "no runtime for \"" + handler + "\" is configured");
    }
  }

  FakePod runPod(PodSandboxConfig config, String runtimeHandler) throws RpcException {
    if (!config.hasMetadata()) {
      throw new RpcException(Code.UNKNOWN, "the sandbox config has no metadata");
    }
    requireRuntimeHandler(runtimeHandler);
    String id = newId();
    reserve("sandbox " + FakePod.reservedName(config.getMetadata()), id);
    int address = ++addresses & 0xffff;
    String ip = "10.88." + (address >> 8) + "." + (address & 0xff);
    FakePod pod = new FakePod(id, config, runtimeHandler, now(), ip);
    pods.put(id, pod);
    enqueueEvent(ContainerEventType.CONTAINER_CREATED_EVENT, id, id);
    enqueueEvent(ContainerEventType.CONTAINER_STARTED_EVENT, id, id);
    return pod;
  }

  private String newId() {
    String id = ids.get();
    if (pods.containsKey(id) || containers.containsKey(id)) {
      throw new IllegalStateException("the id generator made \"" + id + "\" twice");
    }
    return id;
  }

  private void reserve(String name, String id) throws RpcException {
    String holder = reserved.putIfAbsent(name, id);
    if (holder != null) {
      throw new RpcException(Code.UNKNOWN, "the name \"" + name + "\" is reserved for " + holder);
    }
  }

  /** Kills the containers of the sandbox and stops it. Does nothing if it is stopped. */
  void stop(FakePod pod) {
    containersOf(pod).stream()
        .filter(FakeContainer::isRunning)
        .forEach(container -> exit(container, ExitCodes.KILLED, ""));
    if (pod.isReady()) {
      pod.stop();
      enqueueEvent(ContainerEventType.CONTAINER_STOPPED_EVENT, pod.id, pod.id);
    }
  }

  void remove(FakePod pod) {
    stop(pod);
    containersOf(pod).forEach(this::remove);
    pods.remove(pod.id);
    reserved.values().remove(pod.id);
    enqueueEvent(ContainerEventType.CONTAINER_DELETED_EVENT, pod.id, pod.id);
  }

  FakeContainer createContainer(FakePod pod, ContainerConfig config, String imageId)
      throws RpcException {
    String id = newId();
    reserve("container " + FakeContainer.reservedName(config.getMetadata(), pod), id);
    FakeContainer container = new FakeContainer(id, pod, config, imageId, now());
    containers.put(id, container);
    enqueueEvent(ContainerEventType.CONTAINER_CREATED_EVENT, id, pod.id);
    return container;
  }

  void start(FakeContainer container) {
    container.start(now());
    enqueueEvent(ContainerEventType.CONTAINER_STARTED_EVENT, container.id, container.podId);
  }

  /** Ends the process. Like containerd, derives an empty reason from the exit code. */
  void exit(FakeContainer container, int code, String reason) {
    String why = !reason.isEmpty() ? reason : code == 0 ? "Completed" : "Error";
    container.exit(code, why, now());
    enqueueEvent(ContainerEventType.CONTAINER_STOPPED_EVENT, container.id, container.podId);
  }

  void remove(FakeContainer container) {
    if (container.isRunning()) {
      exit(container, ExitCodes.KILLED, "");
    }
    containers.remove(container.id);
    reserved.values().remove(container.id);
    enqueueEvent(ContainerEventType.CONTAINER_DELETED_EVENT, container.id, container.podId);
  }

  ContainerStatus status(FakeContainer container) {
    return container.status(images.byId(container.imageId));
  }

  List<ContainerStatus> statusesOf(FakePod pod) {
    return containersOf(pod).stream().map(this::status).toList();
  }

  /** Queues an event with the state after it. A removed sandbox has no state. */
  private void enqueueEvent(ContainerEventType type, String id, String podId) {
    ContainerEventResponse.Builder event =
        ContainerEventResponse.newBuilder()
            .setContainerId(id)
            .setContainerEventType(type)
            .setCreatedAt(now());
    FakePod pod = pods.get(podId);
    if (pod != null) {
      event.setPodSandboxStatus(pod.status()).addAllContainersStatuses(statusesOf(pod));
    }
    events.enqueue(event.build());
  }
}
