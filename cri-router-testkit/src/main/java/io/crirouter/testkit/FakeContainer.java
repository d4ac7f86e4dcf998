package io.crirouter.testkit;

import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ContainerResources;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerUser;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.LinuxContainerResources;
import io.crirouter.proto.v1.LinuxContainerUser;
import io.crirouter.proto.v1.Signal;
import java.util.Optional;

/** One container of a {@link FakeRuntime}. Guarded by the lock of its {@link FakeState}. */
final class FakeContainer {
  final String id;
  final String podId;
  final ContainerConfig config;

  /** The id of the image. The image may have been removed since. */
  final String imageId;

  private final String logPath;
  private final long createdAt;
  private LinuxContainerResources resources;
  private ContainerState state = ContainerState.CONTAINER_CREATED;
  private long startedAt;
  private long finishedAt;
  private int exitCode;
  private String reason = "";

  FakeContainer(String id, FakePod pod, ContainerConfig config, String imageId, long createdAt) {
    this.id = id;
    this.podId = pod.id;
    this.config = config;
    this.imageId = imageId;
    this.createdAt = createdAt;
    this.resources = config.getLinux().getResources();
    this.logPath =
        config.getLogPath().isEmpty()
            ? ""
            : pod.config().getLogDirectory() + "/" + config.getLogPath();
  }

  /** The name that a runtime reserves for one container only. */
  static String reservedName(ContainerMetadata metadata, FakePod pod) {
    return metadata.getName()
        + "_"
        + FakePod.reservedName(
            pod.config().getMetadata().toBuilder().setAttempt(metadata.getAttempt()).build());
  }

  ContainerState state() {
    return state;
  }

  boolean isRunning() {
    return state == ContainerState.CONTAINER_RUNNING;
  }

  long startedAt() {
    return startedAt;
  }

  LinuxContainerResources resources() {
    return resources;
  }

  /** Applies the limits that are set in {@code changes}. */
  void updateResources(LinuxContainerResources changes) {
    LinuxContainerResources.Builder merged = resources.toBuilder();
    if (changes.getHugepageLimitsCount() > 0) {
      merged.clearHugepageLimits();
    }
    resources = merged.mergeFrom(changes).build();
  }

  void start(long now) {
    state = ContainerState.CONTAINER_RUNNING;
    startedAt = now;
  }

  void exit(int code, String why, long now) {
    state = ContainerState.CONTAINER_EXITED;
    exitCode = code;
    reason = why;
    finishedAt = now;
  }

  Container listed() {
    return Container.newBuilder()
        .setId(id)
        .setPodSandboxId(podId)
        .setMetadata(config.getMetadata())
        .setImage(config.getImage())
        .setImageRef(imageId)
        .setImageId(imageId)
        .setState(state)
        .setCreatedAt(createdAt)
        .putAllLabels(config.getLabelsMap())
        .putAllAnnotations(config.getAnnotationsMap())
        .build();
  }

  /**
   * The status of the container. Like containerd, it names the image by tag and its ref by digest.
   *
   * @param image the image of the container, if it still exists
   */
  ContainerStatus status(Optional<FakeImage> image) {
    Optional<String> tag = image.flatMap(FakeImage::firstTag);
    Optional<String> digest = image.flatMap(FakeImage::firstDigest);
    return ContainerStatus.newBuilder()
        .setId(id)
        .setMetadata(config.getMetadata())
        .setState(state)
        .setCreatedAt(createdAt)
        .setStartedAt(startedAt)
        .setFinishedAt(finishedAt)
        .setExitCode(exitCode)
        .setImage(
            tag.map(name -> ImageSpec.newBuilder().setImage(name).build())
                .orElse(config.getImage()))
        .setImageRef(digest.orElse(imageId))
        .setImageId(imageId)
        .setReason(reason)
        .putAllLabels(config.getLabelsMap())
        .putAllAnnotations(config.getAnnotationsMap())
        .addAllMounts(config.getMountsList())
        .setLogPath(logPath)
        .setResources(ContainerResources.newBuilder().setLinux(resources))
        .setUser(user(image))
        .setStopSignal(stopSignal())
        .build();
  }

  private ContainerUser user(Optional<FakeImage> image) {
    long uid =
        config.getLinux().getSecurityContext().hasRunAsUser()
            ? config.getLinux().getSecurityContext().getRunAsUser().getValue()
            : image.map(FakeImage::uid).orElse(0L);
    long gid = config.getLinux().getSecurityContext().getRunAsGroup().getValue();
    return ContainerUser.newBuilder()
        .setLinux(LinuxContainerUser.newBuilder().setUid(uid).setGid(gid))
        .build();
  }

  private Signal stopSignal() {
    return config.getStopSignal() == Signal.SIGNAL_RUNTIME_DEFAULT
        ? Signal.SIGNAL_SIGTERM
        : config.getStopSignal();
  }
}
