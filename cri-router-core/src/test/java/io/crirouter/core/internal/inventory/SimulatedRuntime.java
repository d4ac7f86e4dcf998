package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerEventType;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusResponse;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.CreateContainerResponse;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ImageStatusResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.proto.v1.StopContainerRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;

/** What a runtime really has, changed by calls and behind everybody's back. */
final class SimulatedRuntime {
  static final int ID_LENGTH = 6;

  final Map<String, PodSandbox> sandboxes = new LinkedHashMap<>();
  final Map<String, Container> containers = new LinkedHashMap<>();
  final Map<String, Image> images = new LinkedHashMap<>();

  /** Every id there ever was. */
  final Set<String> ids = new LinkedHashSet<>();

  /** What it has to tell, oldest first. */
  final Deque<ContainerEventResponse> events = new ArrayDeque<>();

  private final Random random;
  private int changes;

  SimulatedRuntime(Random random) {
    this.random = random;
  }

  /** How often anything has changed. */
  int changes() {
    return changes;
  }

  /** Carries out a call; empty if it refuses. */
  Optional<MessageLite> execute(String rpc, ByteString request)
      throws InvalidProtocolBufferException {
    return switch (rpc) {
      case "RunPodSandbox" ->
          Optional.of(RunPodSandboxResponse.newBuilder().setPodSandboxId(runSandbox()).build());
      case "CreateContainer" ->
          only(CreateContainerRequest.parseFrom(request).getPodSandboxId(), sandboxes.keySet())
              .map(
                  sandbox ->
                      CreateContainerResponse.newBuilder()
                          .setContainerId(createContainer(sandbox))
                          .build());
      case "PodSandboxStatus" ->
          only(named(request), sandboxes.keySet())
              .map(
                  id ->
                      PodSandboxStatusResponse.newBuilder()
                          .setStatus(status(sandboxes.get(id)))
                          .addAllContainersStatuses(containersOf(id))
                          .build());
      case "ContainerStatus" ->
          only(named(request), containers.keySet())
              .map(
                  id ->
                      ContainerStatusResponse.newBuilder()
                          .setStatus(status(containers.get(id)))
                          .build());
      case "ImageStatus" -> {
        String name = ImageStatusRequest.parseFrom(request).getImage().getImage();
        ImageStatusResponse.Builder status = ImageStatusResponse.newBuilder();
        only(name, images.keySet()).ifPresent(id -> status.setImage(images.get(id)));
        yield Optional.of(status.build());
      }
      default -> change(rpc, request);
    };
  }

  private Optional<MessageLite> change(String rpc, ByteString request)
      throws InvalidProtocolBufferException {
    boolean isOfSandbox = rpc.endsWith("Sandbox");
    Set<String> known = isOfSandbox ? sandboxes.keySet() : containers.keySet();
    String name = named(request);
    if (rpc.equals("RemoveImage")) {
      known = images.keySet();
      name = RemoveImageRequest.parseFrom(request).getImage().getImage();
    }
    Optional<String> id = only(name, known);
    if (id.isEmpty()) {
      boolean isAmbiguous = known.stream().filter(starting(name)).count() > 1;
      // What is not there is removed: runtimes say so for kubelets that ask twice.
      return isAmbiguous || rpc.equals("StartContainer")
          ? Optional.empty()
          : Optional.of(PodSandboxStatusResponse.getDefaultInstance());
    }
    switch (rpc) {
      case "StartContainer" -> {
        if (containers.get(id.get()).getState() != ContainerState.CONTAINER_CREATED) {
          return Optional.empty();
        }
        setState(id.get(), ContainerState.CONTAINER_RUNNING);
      }
      case "StopContainer" -> setState(id.get(), ContainerState.CONTAINER_EXITED);
      case "RemoveContainer" -> removeContainer(id.get());
      case "StopPodSandbox" -> stopSandbox(id.get());
      case "RemovePodSandbox" -> removeSandbox(id.get());
      case "RemoveImage" -> removeImage(id.get());
      default -> throw new IllegalArgumentException(rpc);
    }
    return Optional.of(PodSandboxStatusResponse.getDefaultInstance());
  }

  /** In every request about one pod sandbox or container the first field is its id. */
  private static String named(ByteString request) throws InvalidProtocolBufferException {
    return StopContainerRequest.parseFrom(request).getContainerId();
  }

  private static Predicate<String> starting(String name) {
    return id -> id.startsWith(name);
  }

  /** As runtimes resolve ids: a whole one, or the only one that begins so. */
  private static Optional<String> only(String name, Set<String> known) {
    if (known.contains(name)) {
      return Optional.of(name);
    }
    List<String> matches = known.stream().filter(starting(name)).toList();
    return matches.size() == 1 ? Optional.of(matches.get(0)) : Optional.empty();
  }

  String runSandbox() {
    String id = newId();
    PodSandboxMetadata metadata =
        PodSandboxMetadata.newBuilder().setName("pod").setUid("uid of " + id).build();
    sandboxes.put(
        id,
        PodSandbox.newBuilder()
            .setId(id)
            .setMetadata(metadata)
            .setCreatedAt(ids.size())
            .putLabels("pod", id)
            .putLabels("half", id.substring(0, 1))
            .build());
    changes++;
    tell(ContainerEventType.CONTAINER_CREATED_EVENT, id, id);
    return id;
  }

  String createContainer(String sandbox) {
    String id = newId();
    containers.put(
        id,
        Container.newBuilder()
            .setId(id)
            .setPodSandboxId(sandbox)
            .setMetadata(ContainerMetadata.newBuilder().setName(id))
            .setImage(ImageSpec.newBuilder().setImage("image").putAnnotations("a", "b"))
            .putLabels("half", id.substring(0, 1))
            .build());
    changes++;
    tell(ContainerEventType.CONTAINER_CREATED_EVENT, id, sandbox);
    return id;
  }

  void setState(String id, ContainerState state) {
    Container container = containers.get(id);
    if (container.getState() != state) {
      containers.put(id, container.toBuilder().setState(state).build());
      changes++;
      tell(
          state == ContainerState.CONTAINER_RUNNING
              ? ContainerEventType.CONTAINER_STARTED_EVENT
              : ContainerEventType.CONTAINER_STOPPED_EVENT,
          id,
          container.getPodSandboxId());
    }
  }

  void removeContainer(String id) {
    Container removed = containers.remove(id);
    changes++;
    tell(ContainerEventType.CONTAINER_DELETED_EVENT, id, removed.getPodSandboxId());
  }

  void stopSandbox(String id) {
    sandboxes.put(
        id, sandboxes.get(id).toBuilder().setState(PodSandboxState.SANDBOX_NOTREADY).build());
    changes++;
    idsOf(id).forEach(container -> setState(container, ContainerState.CONTAINER_EXITED));
    tell(ContainerEventType.CONTAINER_STOPPED_EVENT, id, id);
  }

  void removeSandbox(String id) {
    idsOf(id).forEach(this::removeContainer);
    sandboxes.remove(id);
    changes++;
    tell(ContainerEventType.CONTAINER_DELETED_EVENT, id, id);
  }

  /** One of a few: an image that was removed may come back under the same id. */
  void pullImage() {
    String id = "sha256:" + "abc".charAt(random.nextInt(3)) + "0";
    Image image = Image.newBuilder().setId(id).addRepoTags("tag:" + id).setSize(7).build();
    if (images.put(id, image) == null) {
      changes++;
    }
  }

  void removeImage(String id) {
    images.remove(id);
    changes++;
  }

  private List<String> idsOf(String sandbox) {
    return containers.values().stream()
        .filter(container -> container.getPodSandboxId().equals(sandbox))
        .map(Container::getId)
        .toList();
  }

  private List<ContainerStatus> containersOf(String sandbox) {
    return idsOf(sandbox).stream().map(id -> status(containers.get(id))).toList();
  }

  private static PodSandboxStatus status(PodSandbox sandbox) {
    return PodSandboxStatus.newBuilder()
        .setId(sandbox.getId())
        .setMetadata(sandbox.getMetadata())
        .setState(sandbox.getState())
        .setCreatedAt(sandbox.getCreatedAt())
        .putAllLabels(sandbox.getLabelsMap())
        .build();
  }

  private static ContainerStatus status(Container container) {
    return ContainerStatus.newBuilder()
        .setId(container.getId())
        .setMetadata(container.getMetadata())
        .setState(container.getState())
        .setImage(container.getImage())
        .putAllLabels(container.getLabelsMap())
        .build();
  }

  /** Runtimes lose events, and some tell no status. */
  private void tell(ContainerEventType type, String id, String sandbox) {
    if (random.nextInt(4) == 0) {
      return;
    }
    ContainerEventResponse.Builder event =
        ContainerEventResponse.newBuilder().setContainerId(id).setContainerEventType(type);
    if (sandboxes.containsKey(sandbox) && random.nextInt(4) != 0) {
      event
          .setPodSandboxStatus(status(sandboxes.get(sandbox)))
          .addAllContainersStatuses(containersOf(sandbox));
    }
    events.add(event.build());
  }

  /** Of two letters, so that many ids begin alike; each is made once. */
  private String newId() {
    StringBuilder id = new StringBuilder();
    for (int i = 0; i < ID_LENGTH; i++) {
      id.append("ab".charAt(random.nextInt(2)));
    }
    return ids.add(id.toString()) ? id.toString() : newId();
  }

  /** One of these at random; empty if there are none. */
  Optional<String> any(Set<String> known) {
    return known.isEmpty()
        ? Optional.empty()
        : Optional.of(new ArrayList<>(known).get(random.nextInt(known.size())));
  }
}
