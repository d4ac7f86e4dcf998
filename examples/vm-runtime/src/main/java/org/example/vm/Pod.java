package org.example.vm;

import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.NamespaceMode;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxState;
import io.crirouter.proto.v1.PodSandboxStatus;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * A pod sandbox, saved in its folder. Changes are made under its lock. Lists read the last status
 * without the lock.
 */
final class Pod {
  private static final String REQUEST = "request.pb";
  private static final String STATUS = "status.pb";

  private final Path folder;
  private final RunPodSandboxRequest request;
  private volatile PodSandboxStatus status;
  private final Map<String, VmContainer> containers = new ConcurrentSkipListMap<>();

  private Pod(Path folder, RunPodSandboxRequest request, PodSandboxStatus status) {
    this.folder = folder;
    this.request = request;
    this.status = status;
  }

  /** Creates a pod with a folder. It is not ready yet. */
  static Pod create(Path folder, RunPodSandboxRequest request) throws IOException {
    PodSandboxConfig config = request.getConfig();
    Files.createDirectories(folder);
    Folders.write(folder.resolve(REQUEST), request.toByteArray());
    return new Pod(
        folder,
        request,
        PodSandboxStatus.newBuilder()
            .setId(folder.getFileName().toString())
            .setMetadata(config.getMetadata())
            .setState(PodSandboxState.SANDBOX_NOTREADY)
            .setCreatedAt(Clocks.nanos())
            .putAllLabels(config.getLabelsMap())
            .putAllAnnotations(config.getAnnotationsMap())
            .setRuntimeHandler(request.getRuntimeHandler())
            .build());
  }

  /** Loads the pod of a folder; empty if it was never ready. */
  static Optional<Pod> load(Path folder) throws IOException {
    Path status = folder.resolve(STATUS);
    if (!Files.exists(status)) {
      return Optional.empty();
    }
    return Optional.of(
        new Pod(
            folder,
            RunPodSandboxRequest.parseFrom(Files.readAllBytes(folder.resolve(REQUEST))),
            PodSandboxStatus.parseFrom(Files.readAllBytes(status))));
  }

  String id() {
    return folder.getFileName().toString();
  }

  Path folder() {
    return folder;
  }

  PodSandboxConfig config() {
    return request.getConfig();
  }

  PodSandboxStatus status() {
    return status;
  }

  boolean isReady() {
    return status.getState() == PodSandboxState.SANDBOX_READY;
  }

  boolean usesNetworkOfNode() {
    return config().getLinux().getSecurityContext().getNamespaceOptions().getNetwork()
        == NamespaceMode.NODE;
  }

  /** The unique name of a pod. A second pod with the same name is refused. */
  static String nameOf(PodSandboxMetadata pod) {
    return String.join(
        "_", pod.getName(), pod.getNamespace(), pod.getUid(), String.valueOf(pod.getAttempt()));
  }

  /** Saves and sets the status. */
  void setStatus(PodSandboxStatus next) throws IOException {
    Folders.write(folder.resolve(STATUS), next.toByteArray());
    status = next;
  }

  Map<String, VmContainer> containers() {
    return containers;
  }

  Optional<VmContainer> running() {
    return containers.values().stream()
        .filter(container -> container.status().getState() == ContainerState.CONTAINER_RUNNING)
        .findFirst();
  }

  PodSandbox listed() {
    PodSandboxStatus now = status;
    return PodSandbox.newBuilder()
        .setId(now.getId())
        .setMetadata(now.getMetadata())
        .setState(now.getState())
        .setCreatedAt(now.getCreatedAt())
        .putAllLabels(now.getLabelsMap())
        .putAllAnnotations(now.getAnnotationsMap())
        .setRuntimeHandler(now.getRuntimeHandler())
        .build();
  }

  List<VmContainer> eachContainer() {
    return List.copyOf(containers.values());
  }
}
